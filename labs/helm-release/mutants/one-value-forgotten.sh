#!/usr/bin/env bash
# task: moveOn
# says: (allyear-v2)
# The number of pods was carried over to its new name, and the season was not.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
failed
passed upgrade 3m
helm rollback shop 2 --wait --timeout 3m
passed rollback 3m
bring 2.0.0 --set "replicaCount=$pods"
