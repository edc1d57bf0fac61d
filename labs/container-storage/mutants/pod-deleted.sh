#!/usr/bin/env bash
# task: container
# says: If you deleted a pod: that ends more than a container
# The entry is gone, but so is the pod: it is not the container's end that was seen.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

diary write "the first word is $(param word)"
passed write 1m
replace_pod
