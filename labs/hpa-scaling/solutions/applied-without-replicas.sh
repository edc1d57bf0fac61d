#!/usr/bin/env bash
# The Deployment is created again from a manifest without replicas, as the documentation of autoscalers advises: nobody owns
# spec.replicas then, and the API server notes nobody who scales it. The metric is that of the container.
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

kubectl apply --server-side --namespace "$NAMESPACE" --filename - <<'HPA'
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
  - type: ContainerResource
    containerResource: {name: cpu, container: web, target: {type: Utilization, averageUtilization: 50}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 15}
HPA
passed autoscaler 4m
kubectl scale deployment/load --namespace "$NAMESPACE" --replicas 1
# Where scaleOut was passed before a break, there is nothing else that says when it has scaled here.
kubectl wait hpa/web --namespace "$NAMESPACE" --for 'jsonpath={.status.lastScaleTime}' --timeout 6m
passed scaleOut 6m
kubectl scale deployment/load --namespace "$NAMESPACE" --replicas 0
passed scaleIn 6m
