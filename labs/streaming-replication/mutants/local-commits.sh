#!/usr/bin/env bash
# task: synchronous
# says: commit with synchronous_commit = local
# The follower is synchronous by name. The entries hung while it was away, and "local" made them go on.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
sql beta "select pg_wal_replay_resume()"
set_setting alpha synchronous_standby_names beta
since=$(now)
keep beta 0
said "waited for a standby" "$since"
# Changing a role is a commit like any other, and would wait as well.
sql alpha "set synchronous_commit = local; alter role ledger set synchronous_commit = local"
keep beta 1
until sql beta "select count(*) from entries"; do sleep 1; done
