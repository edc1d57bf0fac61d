#!/usr/bin/env bash
# The cache is a StatefulSet with labels of its own behind the same Service, and is measured once when it is back and ready.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
kubectl delete deployment/cache --namespace "$NAMESPACE" --cascade=foreground --timeout 2m
kubectl apply --namespace "$NAMESPACE" --filename - <<'SET'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis}
spec:
  serviceName: cache
  selector: {matchLabels: {tier: fast}}
  template:
    metadata: {labels: {tier: fast}}
    spec:
      terminationGracePeriodSeconds: 10
      securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: redis
        image: redis:7.0.15-bookworm
        imagePullPolicy: IfNotPresent
        command: [redis-server]
        args: [--bind, 0.0.0.0, --protected-mode, "no", --save, "", --maxmemory, 32mb, --maxmemory-policy, allkeys-lfu]
        ports: [{name: redis, containerPort: 6379}]
        readinessProbe: {tcpSocket: {port: redis}, periodSeconds: 2, timeoutSeconds: 3}
        resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 96Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
SET
kubectl patch service/cache --namespace "$NAMESPACE" --type json \
  --patch '[{"op":"replace","path":"/spec/selector","value":{"tier":"fast"}}]'
kubectl rollout status statefulset/redis --namespace "$NAMESPACE" --timeout 2m
args prices --cache=cache:6379 "--ttl=$ttl" --on-cache-failure=source
proved fresh

kubectl scale statefulset/redis --namespace "$NAMESPACE" --replicas 0
kubectl wait pod/redis-0 --namespace "$NAMESPACE" --for delete --timeout 2m
measure
kubectl scale statefulset/redis --namespace "$NAMESPACE" --replicas 1
kubectl rollout status statefulset/redis --namespace "$NAMESPACE" --timeout 2m
measure
passed survive 1m
