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
