#!/usr/bin/env bash
# task: weight
# says: no such update can be HOT
# The indexes that nobody needs are kept, and were made to look used by a scan of each.
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

sql "create index on orders (customer_id, created_at)"
sql "create index on customers (lower(email))"
sql "create index on orders (created_at) where status = 'open'"
sql "analyze orders, customers"
passed history 3m
passed login 3m
passed worklist 3m
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --quiet --output /dev/null --command "set enable_seqscan = off" \
  --command "select count(*) from orders where channel = 'phone'" --command "select count(*) from customers where email = 'nobody'" \
  --command "select count(*) from orders where updated_at < '2000-01-01'"
# The shop goes on for some rounds.
sleep 20
