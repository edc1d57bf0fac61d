#!/usr/bin/env bash
# task: claim
# says: no entry is older than the pod
# Another pod writes to the claim and goes. The diary's own pod is never replaced.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
lose_with_pod
make_claim
keep_in /home/nonroot/diary "persistentVolumeClaim: {claimName: diary}"
kubectl apply --namespace "$NAMESPACE" --filename - <<'POD'
apiVersion: v1
kind: Pod
metadata: {name: helper}
spec:
  securityContext: {runAsNonRoot: true, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
  terminationGracePeriodSeconds: 1
  containers:
  - name: diary
    image: lab-operator/workload:dev
    imagePullPolicy: IfNotPresent
    args: [diary, --listen=:8080, --folder=/kept, --drain=0s]
    resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 64Mi}}
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: kept, mountPath: /kept}]
  volumes:
  - {name: kept, persistentVolumeClaim: {claimName: diary}}
POD
kubectl wait pod/helper --namespace "$NAMESPACE" --for condition=Ready --timeout 1m
kubectl exec helper --namespace "$NAMESPACE" -- /workload diary write "by a helper"
kubectl delete pod/helper --namespace "$NAMESPACE"
