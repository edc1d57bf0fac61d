#!/usr/bin/env bash
# task: recovered
# says: acknowledged entries are missing
# Three members, one leader, the same ids, writes that go on: and a cluster that begins with nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
lose_two
since=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
keep 0
kubectl delete persistentvolumeclaims --namespace "$NAMESPACE" --selector app=etcd --timeout 1m
keep 3
said acknowledged "$since"
