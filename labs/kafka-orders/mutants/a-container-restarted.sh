#!/usr/bin/env bash
# task: survive
# says: Whether it outlives the pod shows when the pod is deleted
# Only the container starts again. An emptyDir survives that, and it proves nothing about the pod.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
passed drain 4m
kubectl exec kafka-0 --namespace "$NAMESPACE" -- sh -c "kill 1"
kubectl wait pod/kafka-0 --namespace "$NAMESPACE" --for "jsonpath={.status.containerStatuses[0].restartCount}=1" --timeout 2m
kubectl wait pod/kafka-0 --namespace "$NAMESPACE" --for condition=Ready --timeout 2m
