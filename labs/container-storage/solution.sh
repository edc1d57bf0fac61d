#!/usr/bin/env bash
# Completes the lab in about a minute, with kubectl and a learner's rights alone, and answers its questions.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/diary.sh"

lose_with_container
lose_with_pod

make_claim
keep_in /home/nonroot/diary "persistentVolumeClaim: {claimName: diary}"
diary write "kept by the claim"
replace_pod
passed claim 2m

# The pod is new: one container so far.
answer docker-02 1
answer docker-03 scratch,memory,claim
answer docker-01 driver
answer docker-04 order
answer docker-05 platform
