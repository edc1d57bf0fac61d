#!/usr/bin/env bash
# A member that was removed by mistake is given a successor before one is lost, and another member is replaced before the one
# that was asked for.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
succeed etcd-2
restart_empty etcd-2
started etcd-2
lose_one
lose_two
recover

other=$(another "$(param member)")
succeed "$other"
restart_empty "$other"
started "$other"
succeed "$(param member)"
restart_empty "$(param member)"
passed replaced 3m
