#!/usr/bin/env bash
# task: fast
# says: 0 of 1200 answers came from the cache
# More pods, which each take as long for a lookup.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
passed bounded 2m
kubectl scale deployment/prices --namespace "$NAMESPACE" --replicas 4
settled prices
measure
