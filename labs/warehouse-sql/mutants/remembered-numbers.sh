#!/usr/bin/env bash
# task: retrain
# says: for day 11 it is not
# The function returns the numbers that were computed once, whatever day it is called with.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

split_by_day
fit_model
predict
passed evaluate 3m
sql "create function ml.fit(until integer)
  returns table (intercept double precision, per_km double precision, per_minute double precision)
  language sql stable as \$\$ select intercept, per_km, per_minute from ml.model \$\$"
