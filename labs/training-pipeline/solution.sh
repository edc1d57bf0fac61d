#!/usr/bin/env bash
# Completes the lab in about four minutes, most of which is training, with a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/line.sh"

run first complete
passed firstModel 1m
choose ml-02 "Steps that run again" "A gate" "An immutable"
choose ml-05 "The digest"

gate 1 0.05
run second failed
passed gate 1m
answer ml-08 "$(kubectl logs job/second --namespace "$NAMESPACE" --container validate |
  sed -nE 's/.* not plausible, ([0-9.]+) %.*/\1/p')"

kubectl patch cronjob/line --namespace "$NAMESPACE" --patch '{"spec":{"suspend":false,"concurrencyPolicy":"Forbid"}}'
passed goodAgain 5m
passed schedule 5m
choose ml-11 "Forbid"
