#!/usr/bin/env bash
# task: fresh
# says: of which 0 expire
# Entries are kept for ever: nothing is faster, and nothing more wrong.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
args prices --cache=cache:6379
proved fast
