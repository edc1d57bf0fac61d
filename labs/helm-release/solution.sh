#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl, helm and a learner's rights alone, and answers its question.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/shop.sh"

reach
bring 1.0.0
passed install 3m

bring 1.0.0 --values "$work/values.yaml"
passed configure 3m
good=$(helm history shop | awk 'END {print $1}')

failed
passed upgrade 3m

helm rollback shop "$good" --wait --timeout 4m
passed rollback 3m
# Ten revisions are kept: the oldest goes with the upgrade that makes the eleventh.
answer k8s-05 "$((11 - $(helm history shop | tail -n +2 | wc -l)))"

bring 2.0.0 --values "$work/values-2.yaml"
passed moveOn 3m
