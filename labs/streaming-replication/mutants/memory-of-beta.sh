#!/usr/bin/env bash
# task: synchronous
# says: synchronous_commit = remote_write, which does not wait for the disk of a standby
# Alpha waits until beta has an entry in its memory. If both lose their power, the entry is lost.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
sql beta "select pg_wal_replay_resume()"
set_setting alpha synchronous_commit remote_write
set_setting alpha synchronous_standby_names beta
since=$(now)
keep beta 0
said "is unknown" "$since"
keep beta 1
until sql beta "select count(*) from entries"; do sleep 1; done
