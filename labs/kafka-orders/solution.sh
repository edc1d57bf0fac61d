#!/usr/bin/env bash
# Completes the lab in about three minutes, with kubectl and a learner's rights alone, and answers its question.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/kafka.sh"

# To move the broker's data to a claim is to lose what is in the old place: best done before there is much.
kubectl apply --namespace "$NAMESPACE" --filename - <<'CLAIM'
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: kafka-data
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
CLAIM
kubectl patch statefulset/kafka --namespace "$NAMESPACE" --patch \
  '{"spec":{"template":{"spec":{"volumes":[{"name":"data","emptyDir":null,"persistentVolumeClaim":{"claimName":"kafka-data"}}]}}}}'
kubectl rollout status statefulset/kafka --namespace "$NAMESPACE" --timeout 3m
share
passed drain 4m

kubectl delete pod/kafka-0 --namespace "$NAMESPACE"
passed survive 4m

rewind orders --to-earliest
passed replay 4m
answer micro-02 decoupled,repeated,more-readers
answer micro-01 distributed
answer micro-03 slices
answer micro-04 27
answer micro-05 "$(tool kafka-consumer-groups.sh --describe --group fulfillment | awk '$2 == "orders" && $3 == 1 { print $NF }')"
