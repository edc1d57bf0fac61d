#!/usr/bin/env bash
# task: pod
# says: still runs its first container: let it end
# Another process in the same pod writes the entry: no container has ended.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../diary.sh"

lose_with_container
kubectl patch deploy/diary --namespace "$NAMESPACE" --type strategic --patch '
spec:
  template:
    spec:
      containers:
      - {name: diary, volumeMounts: [{name: kept, mountPath: /home/nonroot/diary}]}
      - name: other
        image: lab-operator/workload:dev
        imagePullPolicy: IfNotPresent
        args: [diary, --listen=:8081, --folder=/home/nonroot/diary, --drain=0s]
        resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: kept, mountPath: /home/nonroot/diary}]
      volumes:
      - {name: kept, emptyDir: {sizeLimit: 16Mi}}'
rolled
kubectl exec deploy/diary --container other --namespace "$NAMESPACE" -- /workload diary write "by another" --url http://127.0.0.1:8081
