#!/usr/bin/env bash
# task: rollback
# says: revision 3 is failed
# The pods are the old ones again. For helm the failed revision still is the state of things.
set -euo pipefail
source "$(dirname "$0")/../learner.sh"
configured
failed
passed upgrade
kubectl rollout undo deployment/shop --namespace "$NAMESPACE"
kubectl rollout status deployment/shop --namespace "$NAMESPACE" --timeout 3m
