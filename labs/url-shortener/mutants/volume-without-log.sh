#!/usr/bin/env bash
# task: keep
# says: appendonly is no
# The volume is a good one, and Redis writes nothing to it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
prepare '"persistentVolumeClaim":{"claimName":"links"}' no
