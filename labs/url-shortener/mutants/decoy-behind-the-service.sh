#!/usr/bin/env bash
# task: keep
# says: uses no claim
# The Service leads to another Redis, which is never replaced. The store has a claim, a log and nothing to keep.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
decoy
kubectl patch service/store --namespace "$NAMESPACE" --type json \
  --patch '[{"op":"replace","path":"/spec/selector","value":{"app":"decoy"}}]'
prepare '"persistentVolumeClaim":{"claimName":"links"}' yes
replace
