#!/usr/bin/env bash
# task: recovered
# says: etcd-0 lists 1
# The one left is made a cluster of its own, takes writes again, and knows nothing of the two that come back.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
lose_two
since=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
set_environment ETCD_FORCE_NEW_CLUSTER=true
kubectl delete pod/etcd-0 --namespace "$NAMESPACE"
said acknowledged "$since"
set_environment ETCD_FORCE_NEW_CLUSTER-
keep 3
