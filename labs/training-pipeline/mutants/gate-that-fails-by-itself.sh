#!/usr/bin/env bash
# task: gate
# says: the container validate of pod second-
# The gate has no volume, so it fails on every batch, and has looked at none.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
gate 1 0.05
kubectl patch cronjob/line --namespace "$NAMESPACE" --type json --patch '[
  {"op": "remove", "path": "/spec/jobTemplate/spec/template/spec/initContainers/1/volumeMounts"}]'
run second failed
