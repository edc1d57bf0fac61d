#!/usr/bin/env bash
# task: schedule
# says: 2 runs are active at once
# The line is on its schedule, and nobody has said what happens when a run takes longer than a minute.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

run first complete
passed firstModel 1m
gate 1 0.05
run second failed
passed gate 1m
kubectl patch cronjob/line --namespace "$NAMESPACE" --patch '{"spec":{"suspend":false}}'
# The next run comes a minute after the one that takes longer than that.
for _ in $(seq 170); do
  active=$(kubectl get cronjob/line --namespace "$NAMESPACE" --output 'jsonpath={.status.active[*].name}')
  if [[ $active == *\ * ]]; then break; fi
  sleep 1
done
