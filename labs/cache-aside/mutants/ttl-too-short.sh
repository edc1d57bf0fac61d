#!/usr/bin/env bash
# task: fast
# says: p95 was
# Entries end after a second. Most answers are quick, and too many customers come in the gaps between.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
args prices --cache=cache:6379 --ttl=1s
passed bounded 2m
measure
