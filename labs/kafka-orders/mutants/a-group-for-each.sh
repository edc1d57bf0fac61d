#!/usr/bin/env bash
# task: share
# says: with 1 member
# Three Deployments with a group each: every one of them reads all orders, and nothing is shared.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

partitions
spec=$(kubectl get deployment/fulfillment --namespace "$NAMESPACE" --output "jsonpath={.spec}")
for name in fulfillment-2 fulfillment-3; do
  kubectl create --namespace "$NAMESPACE" --filename - <<DEPLOYMENT
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"$name"},
 "spec":$(sed -e "s/\"app\":\"fulfillment\"/\"app\":\"$name\"/g" -e "s/--group=fulfillment/--group=$name/" <<<"$spec")}
DEPLOYMENT
  kubectl rollout status "deployment/$name" --namespace "$NAMESPACE" --timeout 2m
done
# The consumer that was there has to come back to its group first, which now has all three partitions to itself.
for _ in $(seq 40); do
  if tool kafka-consumer-groups.sh --describe --group fulfillment --state | grep --quiet 'Stable  *1'; then break; fi
  sleep 2
done
