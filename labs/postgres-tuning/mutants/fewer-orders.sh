#!/usr/bin/env bash
# task: history
# says: of 150000 orders and 30000 customers there are 20000 and 30000
# What is old is deleted: the table is small, and so is the cost.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "delete from orders where id <= 130000"
sql "create index on orders (customer_id, created_at)"
sql "vacuum full analyze orders"
