#!/usr/bin/env bash
# Three workers, pages that somebody reads while the application runs, and a program with four slices of pages.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

work=$(mktemp -d)
forward=
reader=
trap 'for process in $reader $forward; do kill "$process" 2>/dev/null || true; done; rm -rf "$work"' EXIT
kubectl port-forward service/library --namespace "$NAMESPACE" :80 >"$work/forward" 2>&1 &
forward=$!
port=
until [[ $port ]]; do
  kill -0 "$forward" || { cat "$work/forward"; exit 1; }
  sleep 0.2
  port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$work/forward")
done
while curl --silent --show-error --fail --output /dev/null "http://127.0.0.1:$port/pages/1"; do sleep 1; done &
reader=$!

kubectl scale deployment/worker --namespace "$NAMESPACE" --replicas 3
kubectl rollout status deployment/worker --namespace "$NAMESPACE" --timeout 4m
passed workers 4m
words 'line.toLowerCase().replaceAll("[^a-z]+", " ").trim().split(" ")'
program=$(kubectl get configmap/program --namespace "$NAMESPACE" --output "jsonpath={.data.Count\.java}")
kubectl create configmap program --namespace "$NAMESPACE" --from-literal "Count.java=${program/7, 8), 8)/7, 8), 4)}" \
  --dry-run=client --output yaml | kubectl replace --filename -
run count-1 "MASTER=$cluster" "PARTS=$(param parts)"
passed parts 4m
