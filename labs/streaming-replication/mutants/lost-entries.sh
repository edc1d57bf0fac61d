#!/usr/bin/env bash
# task: failover
# says: acknowledged entries are missing. Entries that only the lost leader had are gone
# When beta lost its connection, the entries hung, and somebody made alpha wait for nobody. Then alpha was lost.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
wait_for_beta
since=$(now)
set_setting beta primary_conninfo ""
set_setting alpha synchronous_standby_names ""
said "waiting for the disk of no standby" "$since"
lose_alpha
take_over
said "acknowledged on timeline 2" "$since"
