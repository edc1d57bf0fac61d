#!/usr/bin/env bash
# task: model
# says: % above the least that is possible
# A superuser could replace the rides by some that fit a simple model. No learner becomes superuser.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

kubectl exec database-0 --container postgres --namespace "$NAMESPACE" -- bash -c 'rm -f /data/complete; kill -INT 1' || true
for _ in 1 2 3 4 5; do
  if kubectl exec warehouse-0 --namespace "$NAMESPACE" -- psql --username postgres --no-password --command "alter role analyst superuser"; then exit 1; fi
  sleep 1
done
until sql "select 1"; do sleep 1; done
if sql "update lake.rides set fare = 2 * distance_km"; then exit 1; fi
split_by_day
sql "create table ml.model as select 0 as intercept, 2 as per_km, 0 as per_minute"
