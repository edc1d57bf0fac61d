#!/usr/bin/env bash
# task: gate
# says: it was not a run of the CronJob line that refused it
# A Job of its own takes the poisoned batch and refuses it. The line is as it was, and would have trained on it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
kubectl create job second --namespace "$NAMESPACE" --from cronjob/line --dry-run=client --output json |
  kubectl patch --local --filename - --type json --output json --patch '[
    {"op": "remove", "path": "/metadata/ownerReferences"},
    {"op": "replace", "path": "/spec/template/spec/initContainers/1/name", "value": "validate"},
    {"op": "replace", "path": "/spec/template/spec/initContainers/1/args", "value": ["pipeline", "validate", "--max-bad=0.05"]}]' |
  kubectl create --namespace "$NAMESPACE" --filename -
kubectl wait job/second --namespace "$NAMESPACE" --for condition=failed --timeout 3m
