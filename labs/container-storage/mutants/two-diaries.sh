#!/usr/bin/env bash
# task: claim
# says: it has entries of other pods, but those pods run still
# Two pods write to one claim: that they share it shows nothing about what remains of a pod that ends.
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
diary crash || true # it ends the client with it
back
passed container 1m
mount /home/nonroot/diary "emptyDir: {sizeLimit: 16Mi}"
diary write "kept by the pod"
diary crash || true # it ends the client with it
back
passed pod 1m
kubectl delete pod --namespace "$NAMESPACE" --selector app=diary >/dev/null
rolled
passed replaced 1m
kubectl apply --namespace "$NAMESPACE" --filename - >/dev/null <<'PVC'
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: diary
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 64Mi}}
PVC
mount /home/nonroot/diary "persistentVolumeClaim: {claimName: diary}"
kubectl scale deploy/diary --namespace "$NAMESPACE" --replicas 2 >/dev/null
rolled
for pod in $(kubectl get pods --namespace "$NAMESPACE" --selector app=diary --output name); do
  kubectl exec "$pod" --namespace "$NAMESPACE" -- /workload diary write "by $pod" >/dev/null
done
