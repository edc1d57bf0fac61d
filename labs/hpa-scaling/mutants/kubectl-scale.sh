#!/usr/bin/env bash
# task: scaleOut
# says: somebody else last set them, to 3
# The replicas are set by hand, again and again: the autoscaler takes them back each time it looks.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

kubectl set resources deployment/web --namespace "$NAMESPACE" --containers web --requests cpu=50m
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
passed autoscaler 3m

for _ in $(seq 8); do
  kubectl scale deployment/web --namespace "$NAMESPACE" --replicas 3
  sleep 5
done
