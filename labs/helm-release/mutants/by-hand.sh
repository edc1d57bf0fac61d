#!/usr/bin/env bash
# task: configure
# says: season is not given
# The service answers just as it should. It was made so by kubectl, and the release knows nothing of it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
reach
bring 1.0.0
passed install 3m
kubectl patch deployment/shop --namespace "$NAMESPACE" --patch \
  "{\"spec\":{\"replicas\":$pods,\"template\":{\"spec\":{\"hostname\":\"$season-v1\"}}}}"
kubectl rollout status deployment/shop --namespace "$NAMESPACE" --timeout 3m
