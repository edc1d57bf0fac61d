#!/usr/bin/env bash
# task: replaced
# says: its claim is still the one that it had
# The member left and was announced anew, but what it starts with is the data of the one that left.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
lose_two
recover
succeed "$(param member)"
kubectl delete "pod/$(param member)" --namespace "$NAMESPACE"
