#!/usr/bin/env bash
# task: weight
# says: no such update can be HOT
# The indexes that nobody needs are kept, and were made to look used by a scan of each.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
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
