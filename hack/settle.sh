#!/usr/bin/env bash
# Makes way for an installation in the cluster of KUBECONFIG where something of an earlier one is being deleted:
# kubectl apply would write into what is about to go.
set -euo pipefail
cd "$(dirname "$0")/.."
part_of=app.kubernetes.io/part-of=lab-operator

# There is no conversion from an earlier version of the kinds, and nothing is deleted that somebody may need.
earlier=$(kubectl api-versions | grep '^learning\.lab-operator\.dev/' | grep -v '/v1beta1$' || true)
if [ -n "$earlier" ]; then
  echo "the cluster has kinds of $earlier, which this edition does not read. Keep what you need, end the labs with the operator" \
    "that made them, and delete the CustomResourceDefinitions; a cluster of make is made anew by make cluster-down"
  exit 1
fi

going() {
  kubectl get "$1" -l "$part_of" -o go-template='{{range .items}}{{if .metadata.deletionTimestamp}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}'
}

# Kinds that are being deleted wait for objects that only an operator lets go, and an operator needs all kinds to run. So
# they are made again as they go, until none is left that goes.
for _ in {1..40}; do
  kinds=$(going customresourcedefinition)
  [ -n "$kinds" ] || break
  echo "these kinds are being deleted, and are made again when they are gone:" $kinds
  kubectl apply --server-side --force-conflicts -k config/default >/dev/null 2> >(grep -v "^Warning:" >&2)
  for kind in $kinds; do
    # It need not be gone in time: the next try tells.
    kubectl wait --for=delete --timeout 15s "customresourcedefinition/$kind" 2>/dev/null || true
  done
done
if [ -n "$kinds" ]; then
  echo "these kinds do not go, look at their objects and at the log of the operator:" $kinds
  exit 1
fi
# A policy that somebody has deleted works until its finalizer is removed. It can't be kept, but made again.
for kind in validatingadmissionpolicybinding validatingadmissionpolicy; do
  for name in $(going "$kind"); do
    kubectl patch "$kind/$name" --type merge -p '{"metadata":{"finalizers":null}}'
  done
done
