# What solutions and near misses have in common. They are run with KUBECONFIG set to a learner's, NAMESPACE to where the
# exercise runs, and LAB and LAB_NAMESPACE to the name and the namespace of the Lab.

# passed waits until a task has been passed, and shows the lab where it is not: passed TASK TIMEOUT.
passed() {
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout "$2" \
    --for "jsonpath={.status.tasks[?(@.name==\"$1\")].state}=Passed" >/dev/null || {
    kubectl describe "lab/$LAB" --namespace "$LAB_NAMESPACE"
    exit 1
  }
  echo "passed: $1"
}

# param prints what was drawn for this learner: param NAME.
param() {
  kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output "jsonpath={.status.params.$1}"
}

# answer gives an answer to a question: answer ID TEXT.
answer() {
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge \
    --patch "{\"spec\":{\"answers\":{\"$1\":\"$2\"}}}" >/dev/null
  echo "answered: $1"
}

# choose answers with the letters that options have for this learner: choose ID OPTION..., each a pattern for its beginning.
choose() {
  local id=$1 letters="" options option
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
