#!/usr/bin/env bash
# task: upgraded
# says: there is no Helm release shop
# All objects are as the chart would make them, with helm's own marks.
set -euo pipefail
kubectl apply --namespace "$NAMESPACE" --filename - <<'PAGE'
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-page
  labels: {app.kubernetes.io/managed-by: Helm}
  annotations: {meta.helm.sh/release-name: shop}
data: {colour: green}
PAGE
sleep 8
