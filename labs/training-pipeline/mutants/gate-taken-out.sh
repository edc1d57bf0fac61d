#!/usr/bin/env bash
# task: schedule
# says: the pipeline has trained on a poisoned batch again
# The gate has done its work once, and is taken out before the line runs by the clock.
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
kubectl patch cronjob/line --namespace "$NAMESPACE" --type json --patch '[
  {"op": "remove", "path": "/spec/jobTemplate/spec/template/spec/initContainers/1"}]'
run fourth complete
