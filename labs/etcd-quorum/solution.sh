#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/etcd.sh"

form
answer dist-01 "$(leader)"
lose_one
lose_two
answer dist-02 consistent-first
recover
answer dist-03 doubt,old-read,two-disks

succeed "$(param member)"
restart_empty "$(param member)"
passed replaced 3m

answer dist-04 slower
answer dist-05 10.26
