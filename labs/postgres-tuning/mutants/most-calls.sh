#!/usr/bin/env bash
# task: suspect
# says: another one took more
# The statement that is sent most often is cheap: it was called ten thousand times for nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

until sql "insert into suspect select queryid from pg_stat_statements
  where userid = 'shop'::regrole and query like '%where id = %' order by calls desc limit 1 returning 'noted'" | grep noted; do sleep 1; done
