#!/usr/bin/env bash
# task: split
# says: of its rides were not completed
# The days are right, and the test rides that cost nothing are in there, too.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

sql "create view ml.training as select id, distance_km, minutes, fare from lake.rides where day < $cutoff"
