#!/usr/bin/env bash
# The StatefulSet is created again with a claim template, after its topic was lost once, and the group loses its offsets in place
# of being reset: then it begins at the start.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

manifest=$(kubectl get statefulset/kafka --namespace "$NAMESPACE" --output json |
  kubectl patch --local --filename - --type json --output json --patch '[
    {"op": "remove", "path": "/status"},
    {"op": "replace", "path": "/metadata", "value": {"name": "kafka", "labels": {"app": "kafka"}}},
    {"op": "remove", "path": "/spec/template/spec/volumes/1"},
    {"op": "add", "path": "/spec/volumeClaimTemplates", "value": [{"metadata": {"name": "data"},
      "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}]')
kubectl delete statefulset/kafka --namespace "$NAMESPACE" --wait
kubectl wait pod/kafka-0 --namespace "$NAMESPACE" --for delete --timeout 2m
kubectl create --namespace "$NAMESPACE" --filename - <<<"$manifest"
kubectl rollout status statefulset/kafka --namespace "$NAMESPACE" --timeout 3m
share
passed drain 4m

scale 0
tool kafka-consumer-groups.sh --delete-offsets --group fulfillment --topic orders
scale 3
passed replay 4m

kubectl delete pod/kafka-0 --namespace "$NAMESPACE"
passed survive 4m
