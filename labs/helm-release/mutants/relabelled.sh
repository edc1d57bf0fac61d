#!/usr/bin/env bash
# task: upgrade
# says: helm did not wait: it says that revision 3 is deployed
# The upgrade is broken, and helm did not wait for it. That it failed was written on its record by hand.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
reachable
helm upgrade shop charts/shop --version 1.1.0 --values "$work/values.yaml"
kubectl label secret/sh.helm.release.v1.shop.v3 --namespace "$NAMESPACE" status=failed --overwrite
kubectl wait pod --selector helm.sh/chart=shop-1.1.0 --namespace "$NAMESPACE" --for condition=ContainersReady=false --timeout 1m
