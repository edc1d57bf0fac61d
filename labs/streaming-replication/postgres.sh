# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# sql runs a statement as superuser: sql SERVER STATEMENT.
sql() {
  kubectl exec "$1-0" --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$2"
}

# set_setting changes a setting of a server and has it read: set_setting SERVER SETTING VALUE.
set_setting() {
  sql "$1" "alter system set $2 = '$3'"
  sql "$1" "select pg_reload_conf()"
}

# keep has so many pods of a server run: keep SERVER COUNT.
keep() { kubectl scale "statefulset/$1" --namespace "$NAMESPACE" --replicas "$2"; }

# copy takes a copy of alpha to beta: copy OPTION...
copy() {
  kubectl exec beta-0 --namespace "$NAMESPACE" -- \
    pg_basebackup --host alpha --username replicator --pgdata /data/pg --checkpoint fast --no-sync "$@"
}

# now prints the time, for said.
now() { date --utc +%Y-%m-%dT%H:%M:%SZ; }

# said waits until the log of the ledger has a line that is later: said PATTERN SINCE.
said() {
  until kubectl logs deploy/ledger --namespace "$NAMESPACE" --since-time "$2" | grep "$1"; do sleep 1; done
}

# confirmed waits until the ledger has an entry that beta had first, from now on.
confirmed() { said "after a standby had confirmed it" "$(now)"; }

# applied waits until beta shows entries: it follows then, which no readiness tells.
applied() {
  until sql beta "select 'applies' where exists (select from entries)" | grep applies; do sleep 1; done
}

follow() {
  copy --write-recovery-conf
  applied
  passed follow 4m
}

fall_behind() {
  sql beta "select pg_wal_replay_pause()"
  passed lag 3m
}

# wait_for_beta makes commits wait for beta, and takes it away for a while. In a fresh environment the task is passed already, and
# only the ledger tells when beta confirms again.
wait_for_beta() {
  local since
  sql beta "select pg_wal_replay_resume()"
  set_setting alpha synchronous_standby_names beta
  confirmed
  since=$(now)
  keep beta 0
  said "waited for a standby" "$since"
  keep beta 1
  confirmed
  passed synchronous 4m
}

# lose_alpha makes it go and stay away.
lose_alpha() {
  keep alpha 0
  kubectl wait pod/alpha-0 --namespace "$NAMESPACE" --for delete --timeout 4m
}

# take_over makes beta the leader that the ledger finds.
take_over() {
  sql beta "select pg_promote()"
  kubectl patch service/primary --namespace "$NAMESPACE" --patch '{"spec":{"selector":{"app":"beta"}}}'
}

# follow_again makes beta a follower that alpha waits for, in a fresh environment.
follow_again() {
  copy --write-recovery-conf
  set_setting alpha synchronous_standby_names beta
  confirmed
  applied
}
