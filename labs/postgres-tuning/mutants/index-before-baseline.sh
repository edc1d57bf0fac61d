#!/usr/bin/env bash
# task: baseline
# says: at least one of them already uses an index
# The index is right, and came before anybody had noted what the query costs without it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect

sql "create index on orders (customer_id, created_at)"
take_statistics
