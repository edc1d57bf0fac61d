#!/usr/bin/env bash
# Completes the lab in about two minutes, with kubectl, helm and a learner's rights alone, and answers its question.
set -euo pipefail
source "$(dirname "$0")/learner.sh"

reach
bring 1.0.0
passed install

bring 1.0.0 --values "$work/values.yaml"
passed configure
good=$(helm history shop | awk 'END {print $1}')

failed
passed upgrade

helm rollback shop "$good" --wait --timeout 4m
passed rollback
# Ten revisions are kept: the oldest goes with the upgrade that makes the eleventh.
answer=$((11 - $(helm history shop | tail -n +2 | wc -l)))
kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge --patch "{\"spec\":{\"answers\":{\"k8s-05\":\"$answer\"}}}"

bring 2.0.0 --values "$work/values-2.yaml"
passed moveOn
