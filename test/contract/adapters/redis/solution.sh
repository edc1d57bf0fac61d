#!/usr/bin/env bash
set -euo pipefail
kubectl exec redis-0 --namespace "$NAMESPACE" -- sh -ec '
  export REDISCLI_AUTH="$REDIS_PASSWORD"
  redis-cli set greeting hello
  for i in $(seq 10); do redis-cli get greeting; done'
