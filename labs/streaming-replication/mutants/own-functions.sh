#!/usr/bin/env bash
# task: follow
# says: replaced on beta: pg_is_in_recovery
# Beta is a leader, and its superuser has taught it to say that it is in recovery.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

copy
until kubectl exec beta-0 --namespace "$NAMESPACE" -- psql --dbname postgres --command \
  "create or replace function pg_catalog.pg_is_in_recovery() returns boolean language sql as 'select true'"; do sleep 1; done
