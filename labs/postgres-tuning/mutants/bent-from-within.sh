#!/usr/bin/env bash
# task: history
# says: your index is good for some customers only
# The planner evaluates an expression of CREATE STATISTICS as the observer. A function in one could see which plan is asked for,
# make it cheap, and reset the costs before anybody looks at the settings. No learner can write one, in whatever language.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 3m

sql "create index wrong_order on orders (created_at, customer_id)"
costs="name in ('cpu_tuple_cost', 'cpu_operator_cost', 'cpu_index_tuple_cost', 'random_page_cost', 'seq_page_cost')"
if sql "create function public.bend(n int) returns int language plpgsql immutable as \$\$
  declare asked text;
  begin
    get diagnostics asked = pg_context;
    perform set_config(name, case when current_user = 'observer' and (asked like '%customer_id =%' or asked like '%generic_plan%')
      then '0.0001' else boot_val end, false) from pg_settings where $costs;
    return n;
  end \$\$"; then exit 1; fi
if sql "create function public.bend(n int) returns int immutable
  begin atomic select n from (select set_config(name, '0.0001', false) from pg_settings where $costs) bent; end"; then exit 1; fi
if sql "create statistics bent on (public.bend(1)), id from orders"; then exit 1; fi
# Functions of the server are not evaluated there if they change something.
sql "create statistics bent on (set_config('random_page_cost', '0.0001', false)), id from orders"
