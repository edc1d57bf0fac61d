#!/usr/bin/env bash
# task: failover
# says: alpha runs and is no follower
# Beta leads, the ledger goes on with it and misses nothing. The old leader runs on and knows nothing of that.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
wait_for_beta
since=$(now)
take_over
said "acknowledged on timeline 2" "$since"
