#!/usr/bin/env bash
# task: history
# says: one of them is no ordinary table any more
# The orders are moved aside, and a view of the newest takes their place. It is fast, and most of the data is gone from it.
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

sql "alter table orders rename to orders_archive"
sql "create index on orders_archive (customer_id, created_at)"
sql "create view orders as select * from orders_archive where id > 140000"
sql "grant select, insert, update on orders to shop"
