#!/usr/bin/env bash
# task: parts
# says: 1 part is there, of 1
# All is right, and one task has made all of the result.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

workers
words 'line.toLowerCase().replaceAll("[^a-z]+", " ").trim().split(" ")'
run count-1 "MASTER=$cluster"
passed right 4m
