#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/spark.sh"

parts=$(param parts)
workers
words 'line.toLowerCase().replaceAll("[^a-z]+", " ").trim().split(" ")'
run count-1 "MASTER=$cluster" "PARTS=$parts"
passed parts 4m

answer spark-01 twostages,writesbetween,hdfs
answer spark-02 "$((8 + parts))"
answer spark-03 sees
answer spark-04 missing
answer spark-05 4
