#!/usr/bin/env bash
# task: history
# says: Bitmap Heap Scan
# The rows of the customer are found by an index. There are thousands of them, and all are fetched and sorted for twenty.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on orders (customer_id)"
