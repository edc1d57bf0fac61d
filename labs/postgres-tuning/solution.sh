#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

# The first places are taken once the statements have been sent some dozen times.
for _ in $(seq 90); do
  calls=$(sql "select coalesce(sum(calls), 0) from pg_stat_statements where userid = 'shop'::regrole")
  if ((calls >= 300)); then break; fi
  sleep 1
done
sql "insert into suspect select queryid from pg_stat_statements where userid = 'shop'::regrole order by total_exec_time desc limit 1"
passed suspect 4m

take_statistics
passed baseline 4m

sql "create index concurrently orders_history on orders (customer_id, created_at)"
passed history 4m
answer db-01 both-derived

sql "create index customers_login on customers (lower(email))"
sql "analyze customers"
passed login 4m

sql "create index orders_open on orders (created_at) where status = 'open'"
passed worklist 4m
# The key, the history and the two that nobody needs. That of the open orders takes no part.
answer db-04 4

for index in orders_channel orders_updated_at customers_email; do
  sql "drop index $index"
done
passed weight 4m

answer db-02 partition
answer db-03 prepared,isolation,saga
answer db-05 3
