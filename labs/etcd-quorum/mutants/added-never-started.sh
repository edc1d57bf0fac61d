#!/usr/bin/env bash
# task: oneLost
# says: one of them was added and has never started
# The removed member was announced again and not started: the cluster has nobody of that name.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
succeed etcd-2
keep 2
