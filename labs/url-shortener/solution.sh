#!/usr/bin/env bash
# Completes the lab with kubectl, curl and a learner's rights alone, and answers its question.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/shortener.sh"

prepare '"persistentVolumeClaim":{"claimName":"links"}' yes
answer case-01 1.76
passed keep 3m

replace
passed replace 3m

campaign
passed goOn 3m

answer case-02 0.81
answer case-03 biased
answer case-04 claim
answer case-05 same
answer case-06 dedup,metadata,offline
answer case-07 2.5
answer case-08 local
answer case-09 15.6
answer case-10 key,reserve,outbox
