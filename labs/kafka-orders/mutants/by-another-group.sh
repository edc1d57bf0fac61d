#!/usr/bin/env bash
# task: replay
# says: the group fulfillment was set back by 0 orders
# The skipped orders are fulfilled by a second Deployment with a group of its own, which reads all of the topic.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
passed drain 4m
spec=$(kubectl get deployment/fulfillment --namespace "$NAMESPACE" --output "jsonpath={.spec}")
kubectl create --namespace "$NAMESPACE" --filename - <<DEPLOYMENT
{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"again"},
 "spec":$(sed -e 's/"app":"fulfillment"/"app":"again"/g' -e 's/--group=fulfillment/--group=again/' -e 's/"replicas":3/"replicas":1/' <<<"$spec")}
DEPLOYMENT
kubectl rollout status deployment/again --namespace "$NAMESPACE" --timeout 2m
# Nothing is left to complain of but that.
for _ in $(seq 45); do
  if ! kubectl describe "lab/$LAB" --namespace "$LAB_NAMESPACE" | grep --quiet 'and are not fulfilled'; then break; fi
  sleep 2
done
