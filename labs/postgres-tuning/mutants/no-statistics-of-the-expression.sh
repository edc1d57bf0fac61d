#!/usr/bin/env bash
# task: login
# says: the planner expects 150 rows
# The index is right. What the planner knows of it is nothing, and it expects one row in two hundred.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on customers (lower(email))"
