#!/usr/bin/env bash
# task: weight
# says: in no plan and for no key, or not valid: 2 of
# The index that keeps updates from being HOT is dropped. The other useless ones were made to look used by a scan of each.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

serve_all
passed history 3m
passed login 3m
passed worklist 3m
sql "drop index orders_updated_at"
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --quiet --output /dev/null --command "set enable_seqscan = off" \
  --command "select count(*) from orders where channel = 'phone'" --command "select count(*) from customers where email = 'nobody'"
# The shop goes on for some rounds.
sleep 20
