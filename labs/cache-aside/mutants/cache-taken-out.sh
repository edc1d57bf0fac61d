#!/usr/bin/env bash
# task: survive
# says: those without the cache by
# The service is told to do without its cache for as long as it is away: at night nobody is there to do that.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
args prices --cache=cache:6379 "--ttl=$ttl"
proved fresh
kubectl rollout undo deployment/prices --namespace "$NAMESPACE"
settled prices
outage
kubectl rollout undo deployment/prices --namespace "$NAMESPACE"
settled prices
measure
