#!/usr/bin/env bash
# task: gate
# says: it has refused none: batch 2 has a model with an error of
# There is a gate, and it lets everything through.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../line.sh"

hurry
run first complete
passed firstModel 1m
gate 1 0.5
run second complete
