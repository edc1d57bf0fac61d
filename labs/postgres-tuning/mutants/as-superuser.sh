#!/usr/bin/env bash
# task: history
# says: the plan is Limit, over Sort
# A learner who makes the server load its data again could become superuser meanwhile, and replace the functions that judge.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

kubectl exec database-0 --container postgres --namespace "$NAMESPACE" -- bash -c 'rm -f /data/complete; kill -INT 1' || true
for _ in 1 2 3 4 5; do
  if kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --username postgres --no-password --command "alter role dba superuser"; then exit 1; fi
  sleep 1
done
