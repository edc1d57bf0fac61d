#!/usr/bin/env bash
# task: login
# says: the planner expects 150 rows
# An operator that fits better than the server's own could bend the planner while the operator looks, and settings of the observer
# would do so, too. With both, the cost before tuning would be a hundred times as high. The learner can create no function for it,
# and one of the server's behind it changes no checksum.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

if sql "create function public.bend(bigint, integer) returns bigint language plpgsql as
  \$\$ begin perform set_config('seq_page_cost', '100', false); return mod(\$1, \$2::bigint); end \$\$"; then exit 1; fi
if sql "create function public.plan(text) returns json language sql as 'select ''[{\"Plan\": {\"Total Cost\": 1.0}}]''::json'"; then exit 1; fi
sql "create operator public.% (function = pg_catalog.int84mi, leftarg = bigint, rightarg = integer)"
if sql_as observer looks-only "alter role observer set seq_page_cost = 100"; then exit 1; fi
note_suspect
take_statistics
passed baseline 3m

sql "create index on customers (lower(email))"
