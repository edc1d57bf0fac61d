#!/usr/bin/env bash
# task: hits
# says: does not accept
# The server is locked for everybody who has the password of the Secret.
set -euo pipefail
kubectl exec redis-0 --namespace "$NAMESPACE" -- sh -ec '
  export REDISCLI_AUTH="$REDIS_PASSWORD"
  redis-cli config set requirepass mine'
sleep 8
