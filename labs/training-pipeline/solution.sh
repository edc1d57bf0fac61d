#!/usr/bin/env bash
# Completes the lab in about four minutes, most of which is training, with a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/line.sh"

run first complete
passed firstModel 1m
answer ml-02 idempotent,gate,artifact
answer ml-05 inputs

gate 1 0.05
run second failed
passed gate 1m
answer ml-08 "$(kubectl logs job/second --namespace "$NAMESPACE" --container validate |
  sed -nE 's/.* not plausible, ([0-9.]+) %.*/\1/p')"

kubectl patch cronjob/line --namespace "$NAMESPACE" --patch '{"spec":{"suspend":false,"concurrencyPolicy":"Forbid"}}'
passed goodAgain 5m
passed schedule 5m
answer ml-11 forbid

answer ml-01 store
answer ml-03 alias
answer ml-04 213
answer ml-06 missing,scores,shadow
answer ml-07 gates
answer ml-09 90
answer ml-10 proxies
answer ml-12 "concept drift"
answer ml-13 preempt
answer ml-14 729
answer ml-15 112
