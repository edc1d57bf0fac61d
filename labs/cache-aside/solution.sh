#!/usr/bin/env bash
# Completes the lab in about three minutes, with kubectl, curl and a learner's rights alone, and answers its question.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prices.sh"

proved before
bound
args prices --cache=cache:6379 "--ttl=$ttl" --on-cache-failure=source
proved fresh
answer sd-07 "$(awk "BEGIN { printf \"%.1f\", $(last requests) / ($(last requests) - $(last fromCache)) }")"

outage
proved survive

answer sd-01 23.1
answer sd-02 resize,clicks
# What the measurement was is noted with the pass: 18 on a machine that has nothing else to do.
p95=$(kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output 'jsonpath={.status.tasks[?(@.name=="before")].outputs.p95}')
answer sd-03 "$(awk "BEGIN { printf \"%.1f\", $p95 * 60 / 1000 }")"
answer sd-04 bounded
answer sd-05 99.5
answer sd-06 pattern
