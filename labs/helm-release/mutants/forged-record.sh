#!/usr/bin/env bash
# task: install
# says: not there, or not made by helm: Deployment/shop, Service/shop
# The record of the release was written by hand, and nothing that it tells of is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
reach
helm pull charts/shop --version 1.0.0 --destination "$work"
record='{"name":"shop","namespace":"'$NAMESPACE'","version":1,
  "info":{"status":"deployed","first_deployed":"2026-01-01T00:00:00Z","last_deployed":"2026-01-01T00:00:00Z"},
  "chart":{"metadata":{"name":"shop","version":"1.0.0","apiVersion":"v2"}},
  "manifest":"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\n"}'
gzip --stdout <<< "$record" | base64 --wrap 0 > "$work/release"
kubectl create secret generic sh.helm.release.v1.shop.v1 --namespace "$NAMESPACE" --type helm.sh/release.v1 --from-file "$work/release"
kubectl label secret sh.helm.release.v1.shop.v1 --namespace "$NAMESPACE" owner=helm name=shop status=deployed version=1
helm status shop
