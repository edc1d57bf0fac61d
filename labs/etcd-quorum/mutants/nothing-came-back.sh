#!/usr/bin/env bash
# task: recovered
# says: In a fresh environment, lose two members again
# A break between the loss and the recovery: the fresh cluster has lost nobody, and nothing comes back.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../etcd.sh"

form
lose_one
lose_two
fresh
keep 3
started etcd-0 etcd-1 etcd-2
