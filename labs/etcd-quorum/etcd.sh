# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# keep has so many of the members run: keep COUNT.
keep() { kubectl scale statefulset/etcd --namespace "$NAMESPACE" --replicas "$1"; }

# ctl is etcdctl in a member's pod: ctl MEMBER ARGUMENT...
ctl() {
  local member=$1
  shift
  kubectl exec "$member" --namespace "$NAMESPACE" -- etcdctl "$@"
}

# leader prints the name of the member that leads: its id and the leader's are the same.
leader() {
  local member status
  for member in etcd-0 etcd-1 etcd-2; do
    status=$(ctl "$member" endpoint status --write-out json)
    if [ "$(sed 's/.*"member_id":\([0-9]*\).*/\1/' <<<"$status")" = "$(sed 's/.*"leader":\([0-9]*\).*/\1/' <<<"$status")" ]; then
      echo "$member"
    fi
  done
}

# another prints a member that is not the given one: another MEMBER.
another() { if [ "$1" = etcd-0 ]; then echo etcd-1; else echo etcd-0; fi; }

# leave makes a member leave the cluster: leave ASKED MEMBER. A change is refused while the others are not sure of each
# other, as after an election, and one whose answer came late may have been made: so it is asked for until the list shows it.
leave() {
  local members id
  until members=$(ctl "$1" member list); do sleep 1; done
  id=$(grep ", $2, " <<<"$members" | cut -d , -f 1)
  until members=$(ctl "$1" member list) && ! grep --quiet "^$id, " <<<"$members"; do
    ctl "$1" member remove "$id" || sleep 1
  done
}

# succeed makes one member leave and announces another of its name, which joins when it starts without data: succeed MEMBER.
succeed() {
  local asked members
  asked=$(another "$1")
  set_environment ETCD_INITIAL_CLUSTER_STATE=existing
  leave "$asked" "$1"
  until members=$(ctl "$asked" member list) && grep --quiet "http://$1.etcd:2380" <<<"$members"; do
    ctl "$asked" member add "$1" --peer-urls "http://$1.etcd:2380" || sleep 1
  done
}

# restart_empty gives a member's pod a successor with a new claim: restart_empty MEMBER. The claim goes when its pod is gone.
restart_empty() {
  kubectl delete "persistentvolumeclaim/data-$1" --namespace "$NAMESPACE" --wait=false
  kubectl delete "pod/$1" --namespace "$NAMESPACE"
}

# said waits until the writer's log has a line that is later than what it had before: said PATTERN SINCE.
said() {
  until kubectl logs deploy/writer --namespace "$NAMESPACE" --since-time "$2" | grep "$1"; do sleep 1; done
}

# set_environment sets a variable for the members that are started from now on: set_environment NAME=VALUE.
set_environment() { kubectl set env statefulset/etcd --namespace "$NAMESPACE" "$1"; }

# started waits until members answer: started MEMBER...
started() {
  local member
  for member; do
    until kubectl get "pod/$member" --namespace "$NAMESPACE" >/dev/null 2>&1; do sleep 0.5; done
    kubectl wait "pod/$member" --namespace "$NAMESPACE" --for condition=Ready --timeout 3m
  done
}

# gone waits until a member has no pod: gone MEMBER.
gone() { kubectl wait "pod/$1" --namespace "$NAMESPACE" --for delete --timeout 1m; }

# fresh asks for a fresh environment, and waits until it is ready.
fresh() {
  local old new
  old=$(environment)
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Absent"}}'
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --for "jsonpath={.status.phase}=Absent" --timeout 3m
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Present"}}'
  until new=$(environment) && [[ $new && $new != "$old" ]]; do sleep 1; done
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --for condition=Ready --timeout 3m
}

# environment prints since when the environment is there.
environment() { kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output 'jsonpath={.status.environment.startedAt}'; }

form() {
  keep 3
  started etcd-0 etcd-1 etcd-2
  said "was acknowledged" 1970-01-01T00:00:00Z
  passed quorum 3m
}

lose_one() {
  keep 2
  gone etcd-2
  passed oneLost 2m
}

lose_two() {
  keep 1
  gone etcd-1
  # One member of three is never ready.
  passed twoLost 2m unready
}

recover() {
  keep 3
  started etcd-0 etcd-1 etcd-2
  passed recovered 3m
}
