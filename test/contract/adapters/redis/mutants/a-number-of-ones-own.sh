#!/usr/bin/env bash
# task: hits
# says: redis has counted
# The numbers that are asked for stand in the cache, and nobody has read anything.
set -euo pipefail
kubectl exec redis-0 --namespace "$NAMESPACE" -- sh -ec '
  export REDISCLI_AUTH="$REDIS_PASSWORD"
  redis-cli set keyspace_hits 10
  redis-cli hset stats keyspace_hits 10
  redis-cli config resetstat'
sleep 5
