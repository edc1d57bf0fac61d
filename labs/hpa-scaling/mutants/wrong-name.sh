#!/usr/bin/env bash
# task: autoscaler
# says: there is frontend
# The autoscaler is right but for its name.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

kubectl set resources deployment/web --namespace "$NAMESPACE" --containers web --requests cpu=100m
passed requests 4m
kubectl apply --namespace "$NAMESPACE" --filename - <<'HPA'
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: frontend
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
HPA
kubectl wait hpa/frontend --namespace "$NAMESPACE" --for condition=ScalingActive --timeout 2m
