#!/usr/bin/env bash
# task: scaleIn
# says: somebody else last set them, to 1
# The load is real and so is the way out. The way in is not: five minutes were too long.
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

kubectl scale deployment/load --namespace "$NAMESPACE" --replicas 1
passed scaleOut 4m
kubectl scale deployment/load --namespace "$NAMESPACE" --replicas 0
# Until the metric has seen that the load is gone, the autoscaler would scale out again.
sleep 45
kubectl scale deployment/web --namespace "$NAMESPACE" --replicas 1
sleep 30
