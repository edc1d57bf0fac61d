#!/usr/bin/env bash
# task: claim
# says: it has entries of other pods, but those pods run still
# Two pods write to one claim: that they share it shows nothing about what remains of a pod that ends.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
lose_with_pod
make_claim
keep_in /home/nonroot/diary "persistentVolumeClaim: {claimName: diary}"
kubectl scale deploy/diary --namespace "$NAMESPACE" --replicas 2
rolled
for pod in $(kubectl get pods --namespace "$NAMESPACE" --selector app=diary --output name); do
  kubectl exec "$pod" --namespace "$NAMESPACE" -- /workload diary write "by $pod"
done
