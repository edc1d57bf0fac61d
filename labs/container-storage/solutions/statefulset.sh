#!/usr/bin/env bash
# A StatefulSet with a claim for its replica: the next pod has the name of the one before. Paths end with a slash.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
keep_in /home/nonroot/./diary/ "emptyDir: {sizeLimit: 16Mi}"
diary write "kept by the pod"
crash
passed pod 1m
replace_pod
passed replaced 1m

kubectl delete deploy/diary --namespace "$NAMESPACE" --wait
kubectl apply --namespace "$NAMESPACE" --filename - <<'SET'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: diary}
spec:
  serviceName: diary
  selector: {matchLabels: {app: diary}}
  template:
    metadata: {labels: {app: diary}}
    spec:
      securityContext: {runAsNonRoot: true, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: diary
        image: lab-operator/workload:dev
        imagePullPolicy: IfNotPresent
        args: [diary, --listen=:8080, --folder=/home/nonroot/diary, --drain=0s]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1, timeoutSeconds: 3}
        resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: kept, mountPath: /home/nonroot/diary/}]
  volumeClaimTemplates:
  - metadata: {name: kept}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 64Mi}}
SET
kubectl rollout status statefulset/diary --namespace "$NAMESPACE" --timeout 2m
kubectl exec statefulset/diary --namespace "$NAMESPACE" -- /workload diary write "kept by the claim"
kubectl delete pod/diary-0 --namespace "$NAMESPACE"
kubectl rollout status statefulset/diary --namespace "$NAMESPACE" --timeout 2m
passed claim 2m
