#!/usr/bin/env bash
# task: login
# says: your index is good for some addresses only
# The right expression, but the index has only the customer whose plan is shown.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m
# The task login is the current one then, which shows all its checks.
sql "create index concurrently orders_history on orders (customer_id, created_at)"
passed history 4m

sql "create unique index on customers (lower(email)) where lower(email) = 'ada.4240@example.org'"
sql "create statistics of_addresses on (lower(email)) from customers"
sql "analyze customers"
