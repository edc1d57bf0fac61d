#!/usr/bin/env bash
set -euo pipefail
kubectl scale deployment/web --namespace "$NAMESPACE" --replicas 2
kubectl rollout status deployment/web --namespace "$NAMESPACE" --timeout 2m
