#!/usr/bin/env bash
# task: survive
# says: pods with the label app=kafka: decoy-0
# Another broker gets behind the Service, with its data in an emptyDir, and is left alone. The pod kafka-0 that is then replaced
# for all to see only sleeps.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
passed drain 4m
config=$(kubectl get configmap/kafka --namespace "$NAMESPACE" --output 'jsonpath={.data.server\.properties}' |
  sed 's/kafka-0\.kafka:9092/decoy-0.kafka:9092/')
kubectl create configmap decoy --namespace "$NAMESPACE" --from-literal "server.properties=$config"
kubectl scale statefulset/kafka --namespace "$NAMESPACE" --replicas 0
kubectl wait pod/kafka-0 --namespace "$NAMESPACE" --for delete --timeout 2m
kubectl get statefulset/kafka --namespace "$NAMESPACE" --output json |
  kubectl patch --local --filename - --type json --output json --patch '[
    {"op": "remove", "path": "/status"}, {"op": "replace", "path": "/spec/replicas", "value": 1},
    {"op": "replace", "path": "/metadata", "value": {"name": "decoy", "labels": {"app": "kafka"}}},
    {"op": "replace", "path": "/spec/template/spec/volumes/0/configMap/name", "value": "decoy"}]' |
  kubectl create --namespace "$NAMESPACE" --filename -
kubectl rollout status statefulset/decoy --namespace "$NAMESPACE" --timeout 2m
kubectl delete statefulset/kafka --namespace "$NAMESPACE" --wait
kubectl apply --namespace "$NAMESPACE" --filename - <<'SLEEPER'
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: kafka
spec:
  serviceName: kafka
  selector: {matchLabels: {app: sleeper}}
  template:
    metadata: {labels: {app: sleeper}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: kafka
        image: apache/kafka:4.2.0
        imagePullPolicy: IfNotPresent
        command: [sleep, "3600"]
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
SLEEPER
kubectl rollout status statefulset/kafka --namespace "$NAMESPACE" --timeout 2m
kubectl delete pod/kafka-0 --namespace "$NAMESPACE"
until kubectl get pod/kafka-0 --namespace "$NAMESPACE" >/dev/null 2>&1; do sleep 1; done
kubectl wait pod/kafka-0 --namespace "$NAMESPACE" --for condition=Ready --timeout 2m
