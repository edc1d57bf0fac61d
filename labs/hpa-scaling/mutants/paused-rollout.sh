#!/usr/bin/env bash
# task: requests
# says: the rollout is paused
# The template asks for CPU, and no pod of it ever runs.
set -euo pipefail
kubectl rollout pause deployment/web --namespace "$NAMESPACE"
kubectl set resources deployment/web --namespace "$NAMESPACE" --containers web --requests cpu=100m
