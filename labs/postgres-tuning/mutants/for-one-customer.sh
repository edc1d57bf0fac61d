#!/usr/bin/env bash
# task: history
# says: your index is good for some customers only
# The right columns, but the index has only the customer whose plan is shown.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on orders (customer_id, created_at) where customer_id = 42"
