#!/usr/bin/env bash
# task: survive
# says: acknowledged orders were lost with the topic before it
# The broker's pod is deleted while its data lies in an emptyDir.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
passed drain 4m
kubectl delete pod/kafka-0 --namespace "$NAMESPACE" --timeout 2m
kubectl rollout status statefulset/kafka --namespace "$NAMESPACE" --timeout 3m
