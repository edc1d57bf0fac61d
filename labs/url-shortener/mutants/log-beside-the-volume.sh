#!/usr/bin/env bash
# task: replace
# says: 60 nowhere
# There is a claim and there is a log, but the log is written somewhere else.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
prepare '"persistentVolumeClaim":{"claimName":"links"}' yes /scratch
passed keep 3m
replace
