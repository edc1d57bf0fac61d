#!/usr/bin/env bash
# task: install
# says: there is no Helm release shop
# The chart was only rendered, and its objects applied by kubectl: they are all there, and no release is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
reach
helm template shop charts/shop --version 1.0.0 | kubectl apply --namespace "$NAMESPACE" --filename -
kubectl annotate deployment/shop service/shop --namespace "$NAMESPACE" meta.helm.sh/release-name=shop "meta.helm.sh/release-namespace=$NAMESPACE"
kubectl rollout status deployment/shop --namespace "$NAMESPACE" --timeout 3m
