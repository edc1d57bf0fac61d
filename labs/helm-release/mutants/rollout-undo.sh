#!/usr/bin/env bash
# task: rollback
# says: revision 3 is failed
# The pods are the old ones again. For helm the failed revision still is the state of things.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
failed
passed upgrade 3m
kubectl rollout undo deployment/shop --namespace "$NAMESPACE"
kubectl rollout status deployment/shop --namespace "$NAMESPACE" --timeout 3m
