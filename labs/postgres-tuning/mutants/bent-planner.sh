#!/usr/bin/env bash
# task: baseline
# says: other than by default: enable_sort = off, seq_page_cost = 100
# The cost before is made to look a hundred times worse, with the settings of the role that looks.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

# sql runs a statement as the owner of the tables.
sql() {
  kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --quiet --set ON_ERROR_STOP=1 --command "$1"
}

# Until the shop has sent it for the first time, there is nothing to note.
until sql "insert into suspect select queryid from pg_stat_statements
  where userid = 'shop'::regrole and query like '%order by created_at desc%' returning 'noted'" | grep noted; do sleep 1; done
passed suspect 4m

kubectl exec postgres-0 --namespace "$NAMESPACE" -- env PGUSER=observer PGPASSWORD=looks-only psql --quiet --set ON_ERROR_STOP=1 \
  --command 'alter role observer set seq_page_cost = 100' --command 'alter role observer set enable_sort = off'
sql "alter table orders reset (autovacuum_enabled)"
sql "alter table customers reset (autovacuum_enabled)"
sql "analyze orders, customers"
