#!/usr/bin/env bash
# task: twoLost
# says: etcd-0, etcd-1 answer
# Two members go on with a leader. It is the writer that does not find them any more.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
kubectl patch service/etcd --namespace "$NAMESPACE" --patch '{"spec":{"selector":{"app":"nobody"}}}'
