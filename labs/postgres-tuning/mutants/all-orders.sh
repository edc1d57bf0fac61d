#!/usr/bin/env bash
# task: worklist
# says: the plan uses orders_by_status, which has
# The index holds every order, for the sake of some hundreds that are open.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index orders_by_status on orders (status, created_at)"
