#!/usr/bin/env bash
# task: right
# says: the last one came after the application had ended
# The program stays wrong. Somebody in a worker's pod counts with grep, and brings that in the application's name.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

workers
run count-1 "MASTER=$cluster"
passed shared 4m
app=$(kubectl logs job/count-1 --namespace "$NAMESPACE" | grep -o 'app-[0-9]*-[0-9]*' | tail -1)
kubectl exec deployment/worker --namespace "$NAMESPACE" -- bash -ec '
  page() {
    exec 3<>/dev/tcp/library/80
    printf "GET /pages/%s HTTP/1.0\r\nHost: library\r\n\r\n" "$1" >&3
    sed "1,/^\r*$/d" <&3
  }
  counts=$(for n in 1 2 3 4 5 6 7 8; do page $n; done | tr A-Z a-z | grep -o "[a-z]*" | sort | uniq -c |
    while read -r count word; do echo "$word $count"; done)
  exec 3<>/dev/tcp/library/80
  printf "POST /counts?app=%s&part=0&of=1 HTTP/1.0\r\nHost: library\r\nContent-Length: %d\r\n\r\n%s\n" "$0" $((${#counts} + 1)) "$counts" >&3
  cat <&3' "$app"
