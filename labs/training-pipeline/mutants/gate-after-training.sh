#!/usr/bin/env bash
# task: gate
# says: the gate comes too late
# The batch is refused, but only when the model has been trained on it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
gate 2 0.05
run second failed
