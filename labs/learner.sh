# What solutions and near misses have in common. They are run with KUBECONFIG set to a learner's, NAMESPACE to where the
# exercise runs, and LAB and LAB_NAMESPACE to the name and the namespace of the Lab.

# passed waits until a task has been passed, and shows the lab where it is not: passed TASK TIMEOUT. A script ends behind the
# task that STOP_AFTER names: a test then breaks off what a learner would go on with.
passed() {
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout "$2" \
    --for "jsonpath={.status.tasks[?(@.name==\"$1\")].state}=Passed" >/dev/null || {
    kubectl describe "lab/$LAB" --namespace "$LAB_NAMESPACE"
    exit 1
  }
  echo "passed: $1"
  if [[ ${STOP_AFTER:-} == "$1" ]]; then exit 0; fi
  if [[ $(field "tasks[?(@.name==\"$1\")].passedAt") < $(field environment.startedAt) ]]; then at_rest; fi
}

# field prints a field of the Lab's status: field PATH.
field() {
  kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output "jsonpath={.status.$1}"
}

# at_rest waits until every workload has the pods that it asks for. A task that was passed before a fresh environment does not
# show any more when its work is done again.
at_rest() {
  for _ in $(seq 180); do
    # One line for each workload: its kind and name, how many pods it asks for, and how many are ready, none for zero.
    if kubectl get deployments,statefulsets --namespace "$NAMESPACE" --no-headers \
      --output custom-columns=KIND:.kind,NAME:.metadata.name,ASKED:.spec.replicas,READY:.status.readyReplicas |
      awk '{ if ($4 == "<none>") $4 = 0; if ($3 != $4) waits = 1 } END { exit waits }'; then return; fi
    sleep 1
  done
  echo "not all workloads have their pods" && exit 1
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

# answer gives an answer to a question that is not settled: answer ID TEXT.
answer() {
  if settled_question "$1"; then return; fi
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge \
    --patch "{\"spec\":{\"answers\":{\"$1\":\"$2\"}}}" >/dev/null
  echo "answered: $1"
}

# choose answers with the letters that options have for this learner: choose ID OPTION..., each a pattern for its beginning.
choose() {
  local id=$1 letters="" options option
  if settled_question "$id"; then return; fi
  options=$(kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" \
    --output "jsonpath={range .status.questions[?(@.id==\"$id\")].options[*]}{@}{\"\n\"}{end}")
  shift
  for option; do
    if (($(grep --count "^[a-z]) $option" <<<"$options") != 1)); then
      printf 'not one option of %s begins with %s:\n%s\n' "$id" "$option" "$options"
      exit 1
    fi
    letters+=$(grep "^[a-z]) $option" <<<"$options" | cut -c 1)
  done
  answer "$id" "$letters"
}

# fresh_environment removes the environment of the lab, and waits until another one is ready.
fresh_environment() {
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Absent"}}'
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout 4m --for "jsonpath={.status.phase}=Absent"
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch '{"spec":{"environment":"Present"}}'
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout 5m --for condition=Ready
}
