#!/usr/bin/env bash
# task: baseline
# says: not the default: enable_sort=off for the role dba, seq_page_cost=100 for the role shop
# Roles are given settings in which a sort and a page cost more than they do.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect

sql "alter role dba set enable_sort = off"
sql_as shop sells-things "alter role shop set seq_page_cost = 100"
take_statistics
