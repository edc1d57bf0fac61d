#!/usr/bin/env bash
# task: goodAgain
# says: the gate refuses ordinary batches as well
# The gate stops the poisoned batch, and every other.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
gate 1 0
run second failed
passed gate 1m
run third failed
