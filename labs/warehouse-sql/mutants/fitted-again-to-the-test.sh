#!/usr/bin/env bash
# task: evaluate
# says: ml.model was changed
# When the model has passed, it is fitted again, to the very rides that it is judged on.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

split_by_day
fit_model
# Nobody looks at the task of the model any more.
sql "drop table ml.model; create table ml.model as $(fitted "lake.rides where day >= $cutoff and status = 'completed'")"
predict
