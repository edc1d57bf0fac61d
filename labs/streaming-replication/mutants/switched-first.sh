#!/usr/bin/env bash
# task: failover
# says: but they were read from a follower: promote it
# The clients are sent to beta, which was not promoted.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
fall_behind
wait_for_beta
since=$(now)
lose_alpha
kubectl patch service/primary --namespace "$NAMESPACE" --patch '{"spec":{"selector":{"app":"beta"}}}'
said "read-only transaction" "$since"
