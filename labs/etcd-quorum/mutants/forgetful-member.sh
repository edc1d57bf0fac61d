#!/usr/bin/env bash
# task: replaced
# says: is still the member that it was
# The disk is new, the identity is not: a member that has forgotten what it voted for counts as if it had not.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
lose_two
recover
set_environment ETCD_INITIAL_CLUSTER_STATE=existing
restart_empty "$(param member)"
