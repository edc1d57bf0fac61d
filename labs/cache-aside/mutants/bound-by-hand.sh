#!/usr/bin/env bash
# task: survive
# says: maxmemory is 0
# The bounds are set while Redis runs, and nobody writes them down for the next one.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
for setting in "maxmemory 32mb" "maxmemory-policy allkeys-lru"; do
  # shellcheck disable=SC2086 # two words
  kubectl exec deployment/cache --namespace "$NAMESPACE" -- redis-cli CONFIG SET $setting
done
args prices --cache=cache:6379 "--ttl=$ttl" --on-cache-failure=source
proved fresh
outage
measure
