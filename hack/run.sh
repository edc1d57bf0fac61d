#!/usr/bin/env bash
# Runs the operator outside of the cluster of KUBECONFIG as its ServiceAccount, in place of the one inside: the admission
# policies know the operator by its account, and refuse to an administrator what it does. The one inside comes back in the end.
# With "-- COMMAND", COMMAND runs instead of the operator, and OPERATOR_KUBECONFIG names a kubeconfig of the ServiceAccount. DURATION is
# how long its token is valid.
set -euo pipefail
cd "$(dirname "$0")/.."
namespace=${OPERATOR_NAMESPACE:-lab-operator-system}
own=.kube/operator

umask 077
mkdir -p .kube
replicas=$(kubectl -n "$namespace" get deployment lab-operator -o jsonpath='{.spec.replicas}')
token=$(kubectl -n "$namespace" create token lab-operator --duration "${DURATION:-12h}")
trap 'rm -f "$own"' EXIT
# The server and its certificate are those of the current context; the token is all that is left of its user.
kubectl config view --minify --flatten >"$own"
user=$(kubectl --kubeconfig "$own" config view -o jsonpath='{.users[0].name}')
kubectl --kubeconfig "$own" config delete-user "$user" >/dev/null
kubectl --kubeconfig "$own" config set-credentials "$user" --token "$token" >/dev/null

umask 022

restore() { rm -f "$own"; kubectl -n "$namespace" scale deployment/lab-operator --replicas "$((replicas > 0 ? replicas : 1))"; }
trap restore EXIT
trap : INT TERM
kubectl -n "$namespace" scale deployment/lab-operator --replicas 0
kubectl -n "$namespace" wait --for=delete pod -l app.kubernetes.io/name=lab-operator --timeout 2m
if [ "${1:-}" = -- ]; then
  shift
  OPERATOR_KUBECONFIG=$PWD/$own "$@"
  exit
fi
# There is no other: the lease is left alone.
KUBECONFIG=$own go run ./cmd/manager --debug --namespace "$namespace" --metrics-bind-address 0 "$@"
