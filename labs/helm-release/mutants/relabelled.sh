#!/usr/bin/env bash
# task: upgrade
# says: is deployed, says helm, which did not wait
# The upgrade is broken, and the release says that all is well.
set -euo pipefail
source "$(dirname "$0")/../learner.sh"
configured
helm upgrade shop charts/shop --version 1.1.0 --values "$work/values.yaml"
kubectl wait pod --selector helm.sh/chart=shop-1.1.0 --namespace "$NAMESPACE" --for condition=ContainersReady=false --timeout 1m
