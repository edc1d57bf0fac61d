#!/usr/bin/env bash
# task: answers
# says: GET web:80/ answers with status 500
# Two pods are ready, and a request that is lucky is answered.
set -euo pipefail
kubectl scale deployment/web --namespace "$NAMESPACE" --replicas 1
kubectl apply --namespace "$NAMESPACE" --filename - <<'POD'
apiVersion: v1
kind: Pod
metadata: {name: impostor, labels: {app: web}}
spec:
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: web
    image: lab-operator/workload:dev
    imagePullPolicy: IfNotPresent
    args: [broken, --mode=http-500, --listen=:8080]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    resources: {limits: {memory: 64Mi}}
POD
kubectl wait pod/impostor --namespace "$NAMESPACE" --for condition=Ready --timeout 2m
kubectl rollout status deployment/web --namespace "$NAMESPACE" --timeout 2m
sleep 10
