#!/usr/bin/env bash
# task: answers
# says: GET web:80/ does not answer in time
# The pods are ready as far as Kubernetes can tell, and accept connections.
set -euo pipefail
kubectl patch deployment/web --namespace "$NAMESPACE" --type json --patch '[
  {"op": "remove", "path": "/spec/template/spec/containers/0/readinessProbe"},
  {"op": "replace", "path": "/spec/template/spec/containers/0/args", "value": ["broken", "--mode=slow", "--listen=:8080"]},
  {"op": "replace", "path": "/spec/replicas", "value": 2}]'
kubectl rollout status deployment/web --namespace "$NAMESPACE" --timeout 2m
sleep 15
