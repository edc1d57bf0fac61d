#!/usr/bin/env bash
# task: several
# says: elsewhere
# More pods and nothing else: each of them counts for itself, and writes over the links of the others.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
kubectl scale deployment/shortener --namespace "$NAMESPACE" --replicas "$pods"
settled shortener
for _ in $(seq 5); do
  campaign
  if [[ $report != *'"wrong":0'* ]]; then break; fi
  # One of them was alone at first, and is ahead of the others: a campaign may have luck. They begin anew at the same number.
  kubectl delete pods --selector app=shortener --namespace "$NAMESPACE" --timeout 2m
  settled shortener
done
