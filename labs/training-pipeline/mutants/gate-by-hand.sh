#!/usr/bin/env bash
# task: gate
# says: its containers: ingest, train, submit
# The gate never gets into the CronJob: it is put by hand into the one Job that meets the poisoned batch, which keeps its owner.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
kubectl create job second --namespace "$NAMESPACE" --from cronjob/line --dry-run=client --output json |
  kubectl patch --local --filename - --type json --output json --patch '[
    {"op": "add", "path": "/spec/template/spec/initContainers/1", "value": {
      "name": "validate", "image": "lab-operator/workload:dev", "args": ["pipeline", "validate", "--max-bad=0.05"],
      "volumeMounts": [{"name": "data", "mountPath": "/data"}],
      "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}}]' |
  kubectl create --namespace "$NAMESPACE" --filename -
kubectl wait job/second --namespace "$NAMESPACE" --for condition=failed --timeout 3m
