#!/usr/bin/env bash
# task: replay
# says: are not fulfilled
# Only as far back as the middle of what was left out: half of the customers get nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
passed drain 4m
rewind orders:0 --to-offset 100
kubectl rollout status deployment/fulfillment --namespace "$NAMESPACE" --timeout 2m
