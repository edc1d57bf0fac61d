#!/usr/bin/env bash
# The same by other means: a covering index, a hash index, autovacuum in place of ANALYZE where it is fast enough, and a
# unique index in place of the primary key.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
sql "alter table orders set (autovacuum_enabled = true)"
sql "alter table customers set (autovacuum_enabled = true)"
sql "vacuum analyze orders, customers"
passed baseline 4m

sql "create index orders_history on orders (customer_id, created_at desc) include (id, status, total_cents)"
sql "create index customers_login on customers using hash (lower(email))"
sql "create index orders_open on orders (status, created_at) where status <> 'delivered'"
sql "vacuum analyze orders, customers"
passed history 4m
passed login 4m
passed worklist 4m

# Somebody looks at the useless ones first: a scan by hand neither saves nor condemns an index.
sql "explain analyze select count(*) from orders where channel = 'phone'"
sql "drop index orders_channel, orders_updated_at, customers_email"
sql "alter table customers drop constraint customers_pkey; create unique index customers_key on customers (id)"
passed weight 4m
