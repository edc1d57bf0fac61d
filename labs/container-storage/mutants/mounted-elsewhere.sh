#!/usr/bin/env bash
# task: pod
# says: the file is in /home/nonroot/diary; mounted in the pod: kept at /var/lib/diary
# There is an emptyDir, where a diary would be on many systems, and not where this one is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
keep_in /var/lib/diary "emptyDir: {}"
diary write "kept by the pod"
crash
