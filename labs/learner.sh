# What solutions and near misses have in common. They are run with KUBECONFIG set to a learner's, NAMESPACE to where the
# exercise runs, and LAB and LAB_NAMESPACE to the name and the namespace of the Lab.

# passed waits until a task has been passed, and shows the lab where it is not: passed TASK TIMEOUT [unready], with unready where
# its work leaves pods that are not ready. A script ends behind the task that STOP_AFTER names: a test then breaks off what a
# learner would go on with.
passed() {
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout "$2" \
    --for "jsonpath={.status.tasks[?(@.name==\"$1\")].state}=Passed" >/dev/null || {
    kubectl describe "lab/$LAB" --namespace "$LAB_NAMESPACE"
    exit 1
  }
  echo "passed: $1"
  if [[ ${STOP_AFTER:-} == "$1" ]]; then exit 0; fi
  if [[ ${3:-} == unready ]]; then return; fi
  if [[ $(field "tasks[?(@.name==\"$1\")].passedAt") < $(field environment.startedAt) ]]; then at_rest; fi
}

# field prints a field of the Lab's status: field PATH.
field() {
  kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output "jsonpath={.status.$1}"
}

# at_rest waits until every workload has the pods that it asks for, and no other ones. A task that was passed before a fresh
# environment does not show any more when its work is done again.
at_rest() {
  for _ in $(seq 180); do
    if workloads_at_rest && [[ -z $(ending_pods) ]]; then return; fi
    sleep 1
  done
  echo "not all workloads have their pods" && exit 1
}

# workloads_at_rest tells whether every workload has its pods by a status that is of its present spec: one line for each, with how
# many pods it asks for, and how many are ready, none for zero.
workloads_at_rest() {
  kubectl get deployments,statefulsets --namespace "$NAMESPACE" --no-headers --output \
    custom-columns=SPEC:.metadata.generation,STATUS:.status.observedGeneration,ASKED:.spec.replicas,READY:.status.readyReplicas |
    awk '{ if ($4 == "<none>") $4 = 0; if ($1 != $2 || $3 != $4) waits = 1 } END { exit waits }'
}

# ending_pods prints the pods that are being deleted: a workload counts them among its ready ones for a while.
ending_pods() {
  kubectl get pods --namespace "$NAMESPACE" --output jsonpath='{.items[?(@.metadata.deletionTimestamp)].metadata.name}'
}

# param prints what was drawn for this learner: param NAME.
param() {
  field "params.$1"
}

# settled_question tells whether a question takes no more answers: settled_question ID.
settled_question() {
  local state
  state=$(field "questions[?(@.id==\"$1\")].state")
  [[ $state == Right || $state == Exhausted ]]
}

# answer gives an answer to a question that is not settled: answer ID ANSWER. Options are given by name, with commas between them.
answer() {
  if settled_question "$1"; then return; fi
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge \
    --patch "{\"spec\":{\"answers\":{\"$1\":\"$2\"}}}" >/dev/null
  echo "answered: $1"
}

# tunnel leads a port of this machine to a pod or a Service, and sets port to it: tunnel TARGET PORT. kubectl gives a whole tunnel
# up when one connection in it ends with an error: it is dug again then, on the same port.
tunnel() {
  close_tunnel
  tunnel_log=$(mktemp)
  (
    child='' at=''
    trap '[[ -z $child ]] || kill "$child" 2>/dev/null || true; exit 0' TERM
    while true; do
      kubectl port-forward "$1" --namespace "$NAMESPACE" "$at:$2" >"$tunnel_log" 2>&1 &
      child=$!
      wait "$child" || true
      at=${at:-$(tunnel_port)}
      sleep 0.1
    done
  ) &
  tunnel=$! port=
  for _ in $(seq 150); do
    port=$(tunnel_port)
    if [[ $port ]]; then return; fi
    sleep 0.2
  done
  cat "$tunnel_log" && exit 1
}

# tunnel_port prints the port that kubectl chose, once it is known.
tunnel_port() {
  sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$tunnel_log"
}

# reachable waits until what is behind the tunnel answers: it may have to be dug again.
reachable() {
  for _ in $(seq 150); do
    if curl --silent --output /dev/null "http://127.0.0.1:$port/"; then return; fi
    sleep 0.2
  done
  cat "$tunnel_log" && exit 1
}

# begin asks for something through the tunnel, which may already be under way where the answer to an earlier request was lost:
# begin PATH.
begin() {
  local answer=""
  for _ in $(seq 50); do
    answer=$(curl --silent --output /dev/null --write-out '%{http_code}' --request POST "http://127.0.0.1:$port$1") || true
    if [[ $answer == 202 || $answer == 409 ]]; then return; fi
    sleep 0.2
  done
  echo "POST $1 answers $answer" && exit 1
}

# read_from prints what a path behind the tunnel answers: read_from PATH.
read_from() {
  curl --silent --show-error --fail --retry 10 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$port$1"
}

# close_tunnel ends the tunnel, if there is one.
close_tunnel() {
  if [[ -z ${tunnel:-} ]]; then return; fi
  kill "$tunnel" 2>/dev/null || true
  wait "$tunnel" 2>/dev/null || true
  rm -f "$tunnel_log"
  tunnel=
}

# fresh_environment removes the environment of the lab, and waits until another one is ready.
fresh_environment() {
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Absent"}}'
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout 4m --for "jsonpath={.status.phase}=Absent"
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Present"}}'
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout 5m --for condition=Ready
}
