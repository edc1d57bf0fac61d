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
choose docker-03 'a file in an emptyDir volume$' "a file in an emptyDir volume with" "a file in a volume from"
choose docker-01 "The driver belongs to the host"
choose docker-04 "Each change of code"
choose docker-05 "They need GPU jobs"
