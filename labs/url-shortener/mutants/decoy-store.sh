#!/usr/bin/env bash
# task: keep
# says: the shortener keeps them in another Redis
# The service is told of another Redis, which is never replaced. The store copies from there, and keeps the copy.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
decoy
kubectl patch deployment/shortener --namespace "$NAMESPACE" --type json \
  --patch '[{"op":"replace","path":"/spec/template/spec/containers/0/args/2","value":"--store=decoy:6379"}]'
kubectl patch deployment/store --namespace "$NAMESPACE" --type json --patch \
  '[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"--replicaof"},
    {"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"decoy"},
    {"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"6379"}]'
prepare '"persistentVolumeClaim":{"claimName":"links"}' yes
