#!/usr/bin/env bash
# task: container
# says: If you deleted a pod: that ends more than a container
# The entry is gone, but so is the pod: it is not the container's end that was seen.
set -euo pipefail

# passed waits until a task has been passed: passed TASK TIMEOUT.
passed() {
  kubectl wait "lab/$LAB" --namespace "$LAB_NAMESPACE" --timeout "$2" \
    --for "jsonpath={.status.tasks[?(@.name==\"$1\")].state}=Passed" >/dev/null || {
    kubectl describe "lab/$LAB" --namespace "$LAB_NAMESPACE"
    exit 1
  }
  echo "passed: $1"
}

word=$(kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" --output "jsonpath={.status.params.word}")

diary() { kubectl exec deploy/diary --namespace "$NAMESPACE" -- /workload diary "$@" >/dev/null; }

# back waits until the diary answers again after its container has ended: a crash that repeats makes the kubelet wait.
back() {
  until diary read 2>/dev/null; do sleep 1; done
}

rolled() { kubectl rollout status deploy/diary --namespace "$NAMESPACE" --timeout 2m >/dev/null; }

# mount gives the diary a volume at a path: mount PATH VOLUME.
mount() {
  kubectl patch deploy/diary --namespace "$NAMESPACE" --type strategic --patch "
spec:
  template:
    spec:
      containers:
      - name: diary
        volumeMounts:
        - {\$patch: replace}
        - {name: kept, mountPath: $1}
      volumes:
      - {\$patch: replace}
      - {name: kept, $2}" >/dev/null
  rolled
}

diary write "the first word is $word"
passed write 1m
kubectl delete pod --namespace "$NAMESPACE" --selector app=diary >/dev/null
rolled
