#!/usr/bin/env bash
# Completes the lab in about a minute, with kubectl and a learner's rights alone, and answers its questions.
# NAMESPACE is where the exercise runs; LAB and LAB_NAMESPACE name the Lab.
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

# answer gives an answer to a question: answer ID TEXT.
answer() {
  kubectl patch "lab/$LAB" --namespace "$LAB_NAMESPACE" --type merge \
    --patch "{\"spec\":{\"answers\":{\"$1\":\"$2\"}}}" >/dev/null
  echo "answered: $1"
}

# choose answers with the letters that options have for this learner: choose ID OPTION..., each by a pattern for its text.
choose() {
  local options letters="" id=$1
  options=$(kubectl get "lab/$LAB" --namespace "$LAB_NAMESPACE" \
    --output "jsonpath={range .status.questions[?(@.id==\"$id\")].options[*]}{@}{\"\n\"}{end}")
  shift
  for option; do
    letters+=$(grep --max-count 1 "^[a-z]) $option" <<<"$options" | cut -c 1)
  done
  answer "$id" "$letters"
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
diary write "kept by the claim"
kubectl delete pod --namespace "$NAMESPACE" --selector app=diary >/dev/null
rolled
passed claim 2m

# The pod is new: one container so far.
answer docker-02 1
choose docker-03 "a file in an emptyDir volume$" "a file in an emptyDir volume with" "a file in a volume from"
