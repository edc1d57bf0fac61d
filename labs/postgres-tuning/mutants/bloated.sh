#!/usr/bin/env bash
# task: baseline
# says: VACUUM FULL makes a table small again
# The cost before tuning is made to look worse by tables that are full of dead rows.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
for _ in 1 2; do
  sql "update customers set name = name"
  sql "update orders set note = note"
done
take_statistics
