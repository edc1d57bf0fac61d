#!/usr/bin/env bash
# task: autoscaler
# says: on it act frontend, web
# A second autoscaler with a higher minimum acts on the same Deployment.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

kubectl set resources deployment/web --namespace "$NAMESPACE" --containers web --requests cpu=100m
passed requests 4m
for spec in "web 1" "frontend 3"; do
  read -r name minimum <<<"$spec"
  kubectl apply --namespace "$NAMESPACE" --filename - <<HPA
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: $name
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: $minimum
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
HPA
done
