#!/usr/bin/env bash
# task: write
# says: a volume is mounted at /home/nonroot/diary
# A volume is mounted where the diary is kept, and its path is written in another way than the folder.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

keep_in /home/nonroot/diary/ "emptyDir: {}"
diary write "the first word is $(param word)"
