#!/usr/bin/env bash
# task: workers
# says: 1 worker with 2 cores
# One worker that offers two cores: two tasks at a time, in one pod.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

kubectl patch deployment/worker --namespace "$NAMESPACE" --type json \
  --patch '[{"op":"replace","path":"/spec/template/spec/containers/0/args/3","value":"2"}]'
kubectl rollout status deployment/worker --namespace "$NAMESPACE" --timeout 4m
