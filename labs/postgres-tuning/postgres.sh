# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# sql runs a statement as the owner of the tables.
sql() {
  kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"
}

# sql_as runs statements in the name of another role: sql_as ROLE PASSWORD STATEMENT...
sql_as() {
  local statement options=() role=$1 password=$2
  shift 2
  for statement; do options+=(--command "$statement"); done
  kubectl exec postgres-0 --namespace "$NAMESPACE" -- env PGUSER="$role" PGPASSWORD="$password" psql --quiet --set ON_ERROR_STOP=1 "${options[@]}"
}

# note_suspect passes the first task, however little the shop has done so far.
note_suspect() {
  # Until the shop has sent it for the first time, there is nothing to note.
  until sql "insert into suspect select queryid from pg_stat_statements
    where userid = 'shop'::regrole and query like '%order by created_at desc%' returning 'noted'" | grep noted; do sleep 1; done
  passed suspect 4m
}

# take_statistics makes the planner know the tables, which the second task asks for.
take_statistics() {
  sql "alter table orders reset (autovacuum_enabled)"
  sql "alter table customers reset (autovacuum_enabled)"
  sql "analyze orders, customers"
}

# serve_all makes history, login and worklist fast.
serve_all() {
  sql "create index concurrently orders_history on orders (customer_id, created_at)"
  sql "create index customers_login on customers (lower(email))"
  sql "create index orders_open on orders (created_at) where status = 'open'"
  sql "analyze orders, customers"
}
