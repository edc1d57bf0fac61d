#!/usr/bin/env bash
# task: history
# says: with the filter (customer_id = 42)
# Cheap for a customer who orders daily: it walks back through the orders of everybody, and skips those of others.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index on orders (created_at)"
