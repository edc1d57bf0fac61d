#!/usr/bin/env bash
# task: survive
# says: 1200 errors
# The service refuses to answer without its cache.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
args prices --cache=cache:6379 "--ttl=$ttl"
proved fresh
kubectl scale deployment/cache --namespace "$NAMESPACE" --replicas 0
kubectl wait pod --selector app=cache --namespace "$NAMESPACE" --for delete --timeout 2m
measure
