#!/usr/bin/env bash
# The environment is lost after the worklist, and everything is done again in another one, whose counters begin at zero.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

note_suspect
take_statistics
passed baseline 4m
# More orders than the next environment sees at first.
sql "insert into orders (customer_id, status, channel, total_cents, created_at, updated_at)
  select 7, 'delivered', 'web', 700, now(), now() from generate_series(1, 500)"
serve_all
passed history 4m
passed login 4m
passed worklist 4m

fresh_environment
take_statistics
serve_all
sql "drop index orders_channel, orders_updated_at, customers_email"
passed weight 4m
