#!/usr/bin/env bash
# task: oneLost
# says: etcd-0 lists 2, etcd-1 lists 2
# The member is not lost: it was told to leave, and a cluster of two runs on that can't lose anybody.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
leave etcd-0 etcd-2
keep 2
