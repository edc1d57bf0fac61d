#!/usr/bin/env bash
# task: claim
# says: all entries are by the pod that answers
# The claim is mounted and the pod was replaced, but nothing was written before that.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
lose_with_pod
make_claim
keep_in /home/nonroot/diary "persistentVolumeClaim: {claimName: diary}"
replace_pod
diary write "is it kept?"
