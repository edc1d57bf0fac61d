#!/usr/bin/env bash
# task: model
# says: % above the least that is possible
# One feature, because that is what the built-in functions take.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

split_by_day
sql "create table ml.model as
  select regr_intercept(fare, distance_km) as intercept, regr_slope(fare, distance_km) as per_km, 0 as per_minute from ml.training"
