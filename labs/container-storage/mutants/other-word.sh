#!/usr/bin/env bash
# task: write
# says: its entries: nothing to see here
# There is an entry, of the process that runs now, but not with the word of this lab.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

diary write "nothing to see here"
