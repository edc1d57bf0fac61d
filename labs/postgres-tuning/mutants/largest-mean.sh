#!/usr/bin/env bash
# task: suspect
# says: another one took more
# The slowest statement of all, by its mean time. It is a report that hardly ever runs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

until sql "insert into suspect select queryid from pg_stat_statements
  where userid = 'shop'::regrole and query like '%week%' order by mean_exec_time desc limit 1 returning 'noted'" | grep noted; do sleep 1; done
for _ in $(seq 90); do
  calls=$(sql "select coalesce(sum(calls), 0) from pg_stat_statements where userid = 'shop'::regrole")
  if ((calls >= 300)); then break; fi
  sleep 1
done
