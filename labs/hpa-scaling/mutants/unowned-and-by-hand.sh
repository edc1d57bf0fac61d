#!/usr/bin/env bash
# task: scaleOut
# says: one pod at 50 % can handle that load
# The Deployment is applied without replicas, so that nobody owns them, and its replicas are then set by hand.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

manifest=$(kubectl get deployment/web --namespace "$NAMESPACE" --output json |
  kubectl patch --local --filename - --type json --output json --patch '[
    {"op": "remove", "path": "/status"}, {"op": "remove", "path": "/spec/replicas"},
    {"op": "replace", "path": "/metadata", "value": {"name": "web", "labels": {"app": "web"}}},
    {"op": "add", "path": "/spec/template/spec/containers/0/resources/requests/cpu", "value": "50m"}]')
kubectl delete deployment/web --namespace "$NAMESPACE" --wait
kubectl apply --server-side --namespace "$NAMESPACE" --filename - <<<"$manifest"
passed requests 2m
kubectl apply --namespace "$NAMESPACE" --filename - <<'HPA'
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
HPA
passed autoscaler 4m

for _ in $(seq 8); do
  kubectl scale deployment/web --namespace "$NAMESPACE" --replicas 3
  sleep 5
done
