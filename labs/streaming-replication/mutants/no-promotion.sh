#!/usr/bin/env bash
# task: failover
# says: it was started as a leader and not promoted
# Beta forgets that it is a follower, and starts as alpha would have. Nothing tells the two histories apart.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
wait_for_beta
lose_alpha
kubectl exec beta-0 --namespace "$NAMESPACE" -- rm /data/pg/standby.signal
kubectl delete pod beta-0 --namespace "$NAMESPACE"
since=$(now)
until sql beta "alter system reset synchronous_standby_names"; do sleep 1; done
sql beta "select pg_reload_conf()"
kubectl patch service/primary --namespace "$NAMESPACE" --patch '{"spec":{"selector":{"app":"beta"}}}'
said "acknowledged on timeline 1" "$since"
