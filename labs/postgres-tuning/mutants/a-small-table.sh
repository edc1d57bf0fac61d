#!/usr/bin/env bash
# task: history
# says: one of them is no ordinary table any more
# The orders are moved aside, and a view of the newest takes their place. It is fast, and most of the data is gone from it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "alter table orders rename to orders_archive"
sql "create index on orders_archive (customer_id, created_at)"
sql "create view orders as select * from orders_archive where id > 140000"
sql "grant select, insert, update on orders to shop"
