#!/usr/bin/env bash
# Makes way for an installation in the cluster of KUBECONFIG where something of an earlier one is being deleted:
# kubectl apply would write into what is about to go.
set -euo pipefail
cd "$(dirname "$0")/.."
part_of=app.kubernetes.io/part-of=lab-operator

going() {
  kubectl get "$1" -l "$part_of" -o go-template='{{range .items}}{{if .metadata.deletionTimestamp}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}'
}

kinds=$(going customresourcedefinition)
if [ -n "$kinds" ]; then
  echo "these kinds are being deleted, and an operator lets their objects go before they are made again:" $kinds
  kubectl apply --server-side --force-conflicts -k config/default
  kubectl wait --for=delete --timeout "${TIMEOUT:-10m}" $(printf 'customresourcedefinition/%s ' $kinds)
fi
# A policy that somebody has deleted works until its finalizer is removed. It can't be kept, but made again.
for kind in validatingadmissionpolicybinding validatingadmissionpolicy; do
  for name in $(going "$kind"); do
    kubectl patch "$kind/$name" --type merge -p '{"metadata":{"finalizers":null}}'
  done
done
