#!/usr/bin/env bash
# task: split
# says: of its rides were not completed
# The days are right, and the test rides that cost nothing are in there, too.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

# sql runs a statement as the analyst.
sql() {
  kubectl exec warehouse-0 --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"
}

cutoff=$(param cutoff)
sql "create view ml.training as select id, distance_km, minutes, fare from lake.rides where day < $cutoff"
