#!/usr/bin/env bash
# task: history
# says: your index is good for some customers only
# The right columns in the wrong order. For a reseller it looks good: the limit of twenty is reached soon.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on orders (created_at, customer_id)"
