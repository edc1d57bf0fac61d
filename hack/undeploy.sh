#!/usr/bin/env bash
# Takes the operator out of the cluster of KUBECONFIG with all that it made, in the order in which that ends well: what
# learners have reached is written to a file first. Nothing is deleted if that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

results=${RESULTS:-bin/results-$(date +%Y%m%d-%H%M%S).yaml}
part_of=app.kubernetes.io/part-of=lab-operator
group=learning.lab-operator.dev
kinds=$(kubectl get crd -l "$part_of" -o name)

step() { printf '== %s\n' "$*"; }
# served tells whether the cluster has one of our kinds.
served() { grep -q "/$1\.$group\$" <<<"$kinds"; }
# all lists the objects of a kind.
all() { served "$1" && kubectl get "$1.$group" -A -o name; }

if served labresults && [ -n "$(all labresults)" ]; then
  step "writing the results to $results"
  mkdir -p "$(dirname "$results")"
  # Without what a cluster gives to an object, so that kubectl create -f makes them again.
  kubectl get "labresults.$group" -A -o yaml | sed -E '/^    (creationTimestamp|generation|resourceVersion|uid): /d' >"$results.part"
  mv "$results.part" "$results"
fi

if [ -n "$(all workshops || true)$(all labs || true)" ]; then
  step "waiting for the operator, without which Labs and Workshops can not be deleted"
  kubectl get deployments -A -l "$part_of" -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' |
    while read -r namespace name; do
      kubectl -n "$namespace" rollout status "deployment/$name" --timeout 2m </dev/null ||
        { echo "the operator is not ready: install it again (kubectl apply --server-side -f dist/install.yaml), then repeat this"; exit 1; }
    done
fi
# Workshops first: they make Labs again that are deleted.
for kind in workshops labs; do
  if served $kind; then
    step "deleting all $kind with what was made for them"
    kubectl delete "$kind.$group" -A --all --timeout "${TIMEOUT:-10m}"
  fi
done
# The operator makes revisions as long as there are topics.
for kind in labresults topics exercises answerkeys exerciserevisions; do
  if served $kind; then
    step "deleting all $kind"
    case $kind in
    topics | exercises | exerciserevisions) kubectl delete "$kind.$group" --all --timeout 2m ;;
    *) kubectl delete "$kind.$group" -A --all --timeout 2m ;;
    esac
  fi
done

step "deleting the operator, its rights, policies and kinds"
parts=crd,clusterrole,clusterrolebinding,flowschema,prioritylevelconfiguration
named() { kubectl get "$1" -l "$part_of" -o name; }
for object in $(named validatingadmissionpolicybinding) $(named validatingadmissionpolicy); do
  kubectl patch "$object" --type merge -p '{"metadata":{"finalizers":null}}'
done
kubectl annotate --overwrite "$parts,namespace" -l "$part_of" "$group/uninstall=confirmed"
# The namespace first, so that no operator is left which would miss its kinds.
kubectl delete namespace -l "$part_of" --timeout 3m
kubectl delete crd -l "$part_of" --timeout 3m
kubectl delete clusterrolebinding,clusterrole,flowschema,prioritylevelconfiguration -l "$part_of" --timeout 2m
kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy -l "$part_of" --timeout 2m
if [ -e "$results" ]; then
  step "the results are in $results: where lab-operator is installed again, kubectl create -f $results brings them back"
fi
