#!/usr/bin/env bash
# task: share
# says: it has 1
# Three consumers, and one partition: two of them have no work.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

scale 3
kubectl rollout status deployment/fulfillment --namespace "$NAMESPACE" --timeout 2m
