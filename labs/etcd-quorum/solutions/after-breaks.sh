#!/usr/bin/env bash
# A break after oneLost and another one after recovered: the work is done again in a fresh environment.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
fresh
form
keep 1
gone etcd-1
passed twoLost 2m
recover
fresh
form
succeed "$(param member)"
restart_empty "$(param member)"
passed replaced 3m
