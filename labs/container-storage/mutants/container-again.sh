#!/usr/bin/env bash
# task: replaced
# says: is still there
# The container ends once more, and its pod goes on.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
keep_in /home/nonroot/diary "emptyDir: {sizeLimit: 16Mi}"
diary write "kept by the pod"
crash
passed pod 1m
crash
