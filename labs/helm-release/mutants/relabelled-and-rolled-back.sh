#!/usr/bin/env bash
# task: upgrade
# says: is deployed, from shop 1.0.0
# helm did not wait for the broken upgrade. That it failed was written on the label of its record, and then helm went back.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
reachable
helm upgrade shop charts/shop --version 1.1.0 --values "$work/values.yaml"
kubectl wait pod --selector helm.sh/chart=shop-1.1.0 --namespace "$NAMESPACE" --for create --timeout 1m
helm rollback shop 2 --wait --timeout 2m
kubectl label secret/sh.helm.release.v1.shop.v3 --namespace "$NAMESPACE" status=failed --overwrite
