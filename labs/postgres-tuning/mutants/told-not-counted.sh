#!/usr/bin/env bash
# task: history
# says: not the default: n_distinct=1 for the column customer_id of public.orders
# The planner is told that all orders are of one customer: whatever index the newest are read by, 20 of them are found at once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index wrong_order on orders (created_at, customer_id)"
sql "alter table orders alter customer_id set (n_distinct = 1)"
sql "analyze orders"
