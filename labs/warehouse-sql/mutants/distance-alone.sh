#!/usr/bin/env bash
# task: model
# says: % above the least that is possible
# One feature, because that is what the built-in functions take.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../learner.sh"

# sql runs a statement as the analyst.
sql() {
  kubectl exec warehouse-0 --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"
}

cutoff=$(param cutoff)
sql "create view ml.training as
  select id, distance_km, minutes, fare from lake.rides where day < $cutoff and status = 'completed'"
passed split 3m
sql "create table ml.model as
  select regr_intercept(fare, distance_km) as intercept, regr_slope(fare, distance_km) as per_km, 0 as per_minute from ml.training"
