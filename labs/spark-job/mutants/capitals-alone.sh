#!/usr/bin/env bash
# task: right
# says: are not in the book, such as
# Capitals are taken care of, and commas are not.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

workers
words 'line.toLowerCase().split(" ")'
run count-1 "MASTER=$cluster"
passed shared 4m
