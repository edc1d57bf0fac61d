#!/usr/bin/env bash
# task: upgraded
# says: missing: ConfigMap/shop-page
# The record of the release was written by hand, and nothing that it tells of is there.
set -euo pipefail
record='{"name":"shop","namespace":"'$NAMESPACE'","version":2,"config":{"colour":"green"},
  "info":{"status":"deployed","first_deployed":"2026-01-01T00:00:00Z","last_deployed":"2026-01-01T00:00:00Z"},
  "chart":{"metadata":{"name":"shop","version":"1.0.0","apiVersion":"v2"}},
  "manifest":"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop-page}\ndata: {colour: green}\n"}'
file=$(mktemp)
trap 'rm -f "$file"' EXIT
gzip --stdout <<< "$record" | base64 --wrap 0 > "$file"
kubectl create secret generic sh.helm.release.v1.shop.v2 --namespace "$NAMESPACE" --type helm.sh/release.v1 --from-file release="$file"
kubectl label secret sh.helm.release.v1.shop.v2 --namespace "$NAMESPACE" owner=helm name=shop status=deployed version=2
sleep 8
