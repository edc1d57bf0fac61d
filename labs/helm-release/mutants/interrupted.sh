#!/usr/bin/env bash
# task: upgrade
# says: helm was interrupted (context canceled) before its timeout
# helm was told to wait, and was stopped by hand after some seconds. It records a failure, and has found out nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
reachable
helm upgrade shop charts/shop --version 1.1.0 --values "$work/values.yaml" --wait --timeout 4m &
upgrade=$!
kubectl wait pod --selector helm.sh/chart=shop-1.1.0 --namespace "$NAMESPACE" --for create --timeout 2m
kubectl wait pod --selector helm.sh/chart=shop-1.1.0 --namespace "$NAMESPACE" --for condition=ContainersReady=false --timeout 2m
kill -TERM "$upgrade"
wait "$upgrade" || true
# To go back after it does not make it a finding either.
helm rollback shop 2 --wait --timeout 2m
