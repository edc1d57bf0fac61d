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
choose case-03 "It learned to repeat"
choose case-04 "By a conditional write"
choose case-05 "Both see the same text"
choose case-06 "a client that got no" "the server can't read" "what is sent to somebody"
answer case-07 2.5
choose case-08 "Each shard intersects"
answer case-09 15.6
choose case-10 "a key for each attempt" "a conditional update" "the order and the message"
