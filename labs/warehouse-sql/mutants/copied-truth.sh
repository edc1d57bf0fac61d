#!/usr/bin/env bash
# task: evaluate
# says: one of them is off by
# An error of zero: the predictions are the fares that were paid.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

split_by_day
fit_model
sql "create view ml.prediction as select id, fare from lake.rides where day >= $cutoff and status = 'completed'"
