#!/usr/bin/env bash
# task: twoLost
# says: no member answers, and one has to be left
# All of them are gone: the writer fails, and there is nobody left to ask.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
keep 0
