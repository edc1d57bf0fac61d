#!/usr/bin/env bash
# task: container
# says: the process that you wrote to still runs
# The container has ended, but before the entry was written: nothing was lost.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

crash
diary write "the first word is $(param word)"
passed write 1m
