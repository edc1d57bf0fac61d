#!/usr/bin/env bash
# task: weight
# says: 1 of them have it, so no such update can be HOT
# All indexes are in use. One of them carries the column that changes with each update.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on orders (customer_id, created_at) include (updated_at)"
sql "create index on customers (lower(email))"
sql "create index on orders (created_at) where status = 'open'"
sql "analyze orders, customers"
passed history 3m
passed login 3m
passed worklist 3m
sql "drop index orders_channel, orders_updated_at, customers_email"
# The shop goes on for some rounds.
sleep 20
