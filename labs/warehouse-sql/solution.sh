#!/usr/bin/env bash
# Completes the lab in about a minute, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/warehouse.sh"

split_by_day
answer gcp-01 each-its-own

fit_model
answer gcp-03 "$(sql "select round((intercept + 10 * per_km + 30 * per_minute)::numeric, 2) from ml.model")"

predict
passed evaluate 4m

sql "create function ml.fit(until integer)
  returns table (intercept double precision, per_km double precision, per_minute double precision)
  language sql stable as \$\$ $(fitted "lake.rides where day < until and status = 'completed'") \$\$"
passed retrain 4m

answer gcp-02 custom
answer gcp-04 37.3
answer gcp-05 gcs
