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
choose ml-11 "Forbid. What comes due"

choose ml-01 "A feature store"
choose ml-03 "Moving the name"
answer ml-04 213
choose ml-06 "the share of requests in which" "the distribution of the scores" "the share of requests on which"
choose ml-07 "Checks of its data"
answer ml-09 90
choose ml-10 "Other features"
answer ml-12 "concept drift"
choose ml-13 "A gives up eight"
answer ml-14 729
answer ml-15 112
