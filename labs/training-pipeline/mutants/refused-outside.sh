#!/usr/bin/env bash
# task: schedule
# says: it has refused none since
# The next poisoned batch is refused by a Job that is not of the CronJob.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
gate 1 0.05
run second failed
passed gate 1m
run third complete
passed goodAgain 1m
kubectl create job fourth --namespace "$NAMESPACE" --from cronjob/line --dry-run=client --output json |
  kubectl patch --local --filename - --type json --output json --patch '[{"op": "remove", "path": "/metadata/ownerReferences"}]' |
  kubectl create --namespace "$NAMESPACE" --filename -
kubectl wait job/fourth --namespace "$NAMESPACE" --for condition=failed --timeout 3m
