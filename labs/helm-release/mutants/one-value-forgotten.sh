#!/usr/bin/env bash
# task: moveOn
# says: (allyear-v2)
# The number of pods was carried over to its new name, and the season was not.
set -euo pipefail
source "$(dirname "$0")/../learner.sh"
configured
failed
passed upgrade
helm rollback shop 2 --wait --timeout 3m
passed rollback
bring 2.0.0 --set "replicaCount=$pods"
