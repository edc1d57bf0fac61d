#!/usr/bin/env bash
# Three workers, pages that somebody reads while the application runs, and a program with four slices of pages.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

reader=
trap '[[ -z $reader ]] || kill "$reader" 2>/dev/null || true; close_tunnel' EXIT
tunnel service/library 80
reachable
while sleep 1; do curl --silent --output /dev/null "http://127.0.0.1:$port/pages/1" || true; done &
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
