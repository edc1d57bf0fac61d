# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# run starts a run of the line by hand and waits until it has ended well or not: run NAME complete|failed.
run() {
  kubectl create job "$1" --namespace "$NAMESPACE" --from cronjob/line
  kubectl wait "job/$1" --namespace "$NAMESPACE" --for "condition=$2" --timeout 3m
}

# gate puts validation into the line: gate PLACE SHARE. The place is a number among the init containers.
gate() {
  kubectl patch cronjob/line --namespace "$NAMESPACE" --type json --patch "[{
    \"op\": \"add\", \"path\": \"/spec/jobTemplate/spec/template/spec/initContainers/$1\", \"value\": {
      \"name\": \"validate\", \"image\": \"lab-operator/workload:dev\", \"args\": [\"pipeline\", \"validate\", \"--max-bad=$2\"],
      \"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}],
      \"securityContext\": {\"allowPrivilegeEscalation\": false, \"capabilities\": {\"drop\": [\"ALL\"]}}}}]"
}

# hurry has training take no time, for those who don't come to the schedule.
hurry() {
  kubectl patch cronjob/line --namespace "$NAMESPACE" --type json --patch '[{
    "op": "replace", "path": "/spec/jobTemplate/spec/template/spec/initContainers/1/args", "value": ["pipeline", "train"]}]'
}
