#!/usr/bin/env bash
# A tick that comes while a run is active is skipped for good, by a deadline. The pods have no labels, and more than one batch
# is refused before the question about it is answered.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

kubectl patch cronjob/line --namespace "$NAMESPACE" --type json --patch '[
  {"op": "remove", "path": "/spec/jobTemplate/metadata"},
  {"op": "remove", "path": "/spec/jobTemplate/spec/template/metadata"}]'
run first complete
passed firstModel 1m
gate 1 0.05
run second failed
passed gate 1m
kubectl patch cronjob/line --namespace "$NAMESPACE" --patch '
  {"spec": {"suspend": false, "concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 15}}'
passed goodAgain 6m
passed schedule 8m
