# What the scripts of this exercise have in common.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# workers scales the workers, and waits until the master has them: workers.
workers() {
  kubectl scale deployment/worker --namespace "$NAMESPACE" --replicas 2
  passed workers 4m
}

# words replaces how a line becomes words: words JAVA.
words() {
  local program
  program=$(kubectl get configmap/program --namespace "$NAMESPACE" --output "jsonpath={.data.Count\.java}")
  kubectl create configmap program --namespace "$NAMESPACE" --from-literal "Count.java=${program/line.split(\" \")/$1}" \
    --dry-run=client --output yaml | kubectl replace --filename -
}

# run makes a Job of the CronJob and waits until it has ended: run NAME VARIABLE=VALUE...
run() {
  local name=$1
  shift
  kubectl set env cronjob/count --namespace "$NAMESPACE" "$@"
  kubectl create job "$name" --from cronjob/count --namespace "$NAMESPACE"
  kubectl wait "job/$name" --namespace "$NAMESPACE" --for condition=Complete --timeout 5m || {
    kubectl logs "job/$name" --namespace "$NAMESPACE" --tail 40
    exit 1
  }
  kubectl logs "job/$name" --namespace "$NAMESPACE" --tail 5
}

cluster=spark://master:7077
