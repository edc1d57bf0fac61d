#!/usr/bin/env bash
# The environment is lost after beta has become a follower, and again after the entries have waited for beta: the database of
# each is another one, and the work is done again as far as the open task needs it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fresh_environment
copy --write-recovery-conf
applied
fall_behind
wait_for_beta
fresh_environment
follow_again
lose_alpha
take_over
passed failover 4m
