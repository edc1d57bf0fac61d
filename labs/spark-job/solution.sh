#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/spark.sh"

parts=$(param parts)
workers
words 'line.toLowerCase().replaceAll("[^a-z]+", " ").trim().split(" ")'
run count-1 "MASTER=$cluster" "PARTS=$parts"
passed parts 4m

choose spark-01 "Two stages" "It writes" "HDFS"
answer spark-02 "$((8 + parts))"
choose spark-03 "Spark would see"
choose spark-04 "It runs again those tasks"
answer spark-05 4
