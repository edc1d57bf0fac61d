#!/usr/bin/env bash
# task: history
# says: Bitmap Heap Scan
# The rows of the customer are found by an index. There are thousands of them, and all are fetched and sorted for twenty.
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

sql "alter table orders reset (autovacuum_enabled)"
sql "alter table customers reset (autovacuum_enabled)"
sql "analyze orders, customers"
passed baseline 3m

sql "create index on orders (customer_id)"
