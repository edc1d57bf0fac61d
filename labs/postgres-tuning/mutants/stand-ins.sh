#!/usr/bin/env bash
# task: login
# says: the planner expects 150 rows
# An operator that fits better than the server's own bends the planner while the operator looks, and settings of the observer
# would do so, too. With both, the cost before tuning would be a hundred times as high.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

sql "create function public.bend(bigint, integer) returns bigint language plpgsql as
  \$\$ begin perform set_config('seq_page_cost', '100', false); return mod(\$1, \$2::bigint); end \$\$"
sql "create operator public.% (function = public.bend, leftarg = bigint, rightarg = integer)"
sql "create function public.plan(text) returns json language sql as 'select ''[{\"Plan\": {\"Total Cost\": 1.0}}]''::json'"
if sql_as observer looks-only "alter role observer set seq_page_cost = 100"; then exit 1; fi
note_suspect
take_statistics
passed baseline 3m

sql "create index on customers (lower(email))"
