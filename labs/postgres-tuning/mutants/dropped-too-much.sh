#!/usr/bin/env bash
# task: weight
# says: they cost
# Everything that is not a key is dropped, with what made the shop fast.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index history on orders (customer_id, created_at)"
sql "create index login on customers (lower(email))"
sql "create index worklist on orders (created_at) where status = 'open'"
sql "analyze orders, customers"
passed history 3m
passed login 3m
passed worklist 3m
sql "drop index orders_channel, orders_updated_at, customers_email, history"
