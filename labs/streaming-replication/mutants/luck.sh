#!/usr/bin/env bash
# task: failover
# says: had not been confirmed by a standby
# In a fresh environment alpha does not wait for beta. No entry happens to be missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
wait_for_beta
fresh_environment
since=$(now)
copy --write-recovery-conf
until sql beta "select 'applies' where exists (select from entries)" | grep applies; do sleep 1; done
lose_alpha
take_over
said "acknowledged on timeline 2" "$since"
