#!/usr/bin/env bash
# task: requests
# says: it has no CPU request
# The pod that runs was resized in place: it asks for CPU, and the pods that follow it will not.
set -euo pipefail
pod=$(kubectl get pods --namespace "$NAMESPACE" --selector app=web --output name | head -n 1)
kubectl patch "$pod" --namespace "$NAMESPACE" --subresource resize --patch \
  '{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"100m"}}}]}}'
kubectl wait "$pod" --namespace "$NAMESPACE" --timeout 60s \
  --for 'jsonpath={.status.containerStatuses[0].resources.requests.cpu}=100m'
