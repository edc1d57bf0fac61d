#!/usr/bin/env bash
# task: scaleOut
# says: with a target of cpu at 1 %
# The target is lowered until what an idle pod uses is too much, and then raised again.
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

target() {
  kubectl patch hpa/web --namespace "$NAMESPACE" --type json --patch \
    "[{\"op\":\"replace\",\"path\":\"/spec/metrics/0/resource/target/averageUtilization\",\"value\":$1}]"
}
target 1
# By how many pods it goes up depends on what it measures.
for _ in $(seq 90); do
  ready=$(kubectl get deployment/web --namespace "$NAMESPACE" --output 'jsonpath={.status.readyReplicas}')
  if ((ready > 1)); then break; fi
  sleep 1
done
target 50
