#!/usr/bin/env bash
# task: scaleOut
# says: between 3 and 5 replicas
# The minimum is raised until three pods are ready, and then lowered again.
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

minimum() {
  kubectl patch hpa/web --namespace "$NAMESPACE" --patch "{\"spec\":{\"minReplicas\":$1}}"
}
minimum 3
kubectl wait deployment/web --namespace "$NAMESPACE" --for 'jsonpath={.status.readyReplicas}=3' --timeout 3m
sleep 20
minimum 1
