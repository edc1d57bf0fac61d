#!/usr/bin/env bash
# task: baseline
# says: other than by default: enable_sort = off, seq_page_cost = 100
# The cost before is made to look a hundred times worse, with the settings of the role that looks.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect

kubectl exec postgres-0 --namespace "$NAMESPACE" -- env PGUSER=observer PGPASSWORD=looks-only psql --quiet --set ON_ERROR_STOP=1 \
  --command 'alter role observer set seq_page_cost = 100' --command 'alter role observer set enable_sort = off'
take_statistics
