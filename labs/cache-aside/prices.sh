# What the scripts of this exercise have in common.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

ttl=$(($(param seconds) - 2))s
trap close_tunnel EXIT

# measure lets the customers measure, and waits until they are done.
measure() {
  if [[ -z ${tunnel:-} ]]; then tunnel service/customers 80; fi
  reachable
  begin /measurements
  for _ in $(seq 120); do
    report=$(read_from /report)
    if [[ $report == *'"state":"done"'* ]]; then break; fi
    sleep 0.5
  done
  echo "$report"
}

# last prints a number of the last measurement: last FIELD.
last() {
  sed -n "s/.*\"last\":{[^}]*\"$1\":\([0-9]*\).*/\1/p" <<<"$report"
}

# proved measures until a task has been passed: on a busy node some customers wait for more than the service: proved TASK.
proved() {
  for _ in $(seq 6); do
    measure
    if kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout 20s \
      --for "jsonpath={.status.tasks[?(@.name==\"$1\")].state}=Passed" >/dev/null 2>&1; then break; fi
  done
  passed "$1" 1m
}

# args adds arguments to the container of a Deployment, and waits until only pods that have them are left: args NAME ARGUMENT...
args() {
  local name=$1 patch=""
  shift
  for argument; do
    patch+=",{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/args/-\",\"value\":\"$argument\"}"
  done
  kubectl patch "deployment/$name" --namespace "$NAMESPACE" --type json --patch "[${patch#,}]"
  settled "$name"
}

# settled waits until the latest pods of a Deployment are ready, and those before them are gone: settled NAME.
settled() {
  kubectl rollout status "deployment/$1" --namespace "$NAMESPACE" --timeout 4m
  until (($(kubectl get pods --selector "app=$1" --namespace "$NAMESPACE" --output name | wc -l) == \
    $(kubectl get "deployment/$1" --namespace "$NAMESPACE" --output "jsonpath={.spec.replicas}"))); do sleep 0.5; done
}

# bound gives the cache its bounds.
bound() {
  args cache --maxmemory 32mb --maxmemory-policy allkeys-lru
}

# outage measures while there is no cache, and brings it back.
outage() {
  kubectl scale deployment/cache --namespace "$NAMESPACE" --replicas 0
  kubectl wait pod --selector app=cache --namespace "$NAMESPACE" --for delete --timeout 2m
  for _ in 1 2 3; do
    measure
    if (($(last errors) == 0)); then break; fi
  done
  kubectl scale deployment/cache --namespace "$NAMESPACE" --replicas 1
  settled cache
}
