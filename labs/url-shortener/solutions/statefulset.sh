#!/usr/bin/env bash
# The store is a StatefulSet with a claim for its replica and labels of its own, behind the same Service.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"

kubectl patch deployment/shortener --namespace "$NAMESPACE" --type json --patch \
  "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/args/3\",\"value\":\"--codes=store\"},
    {\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":$pods}]"
settled shortener
kubectl delete deployment/store --namespace "$NAMESPACE" --cascade=foreground --timeout 2m
kubectl apply --namespace "$NAMESPACE" --filename - <<'SET'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis}
spec:
  serviceName: store
  selector: {matchLabels: {tier: data}}
  template:
    metadata: {labels: {tier: data}}
    spec:
      terminationGracePeriodSeconds: 10
      securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: redis
        image: redis:7.0.15-bookworm
        imagePullPolicy: IfNotPresent
        command: [redis-server]
        args: [--bind, 0.0.0.0, --protected-mode, "no", --dir, /data, --save, "", --appendonly, "yes"]
        ports: [{name: redis, containerPort: 6379}]
        readinessProbe: {tcpSocket: {port: redis}, periodSeconds: 2, timeoutSeconds: 3}
        resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 96Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 128Mi}}
SET
kubectl patch service/store --namespace "$NAMESPACE" --type json \
  --patch '[{"op":"replace","path":"/spec/selector","value":{"tier":"data"}}]'
kubectl rollout status statefulset/redis --namespace "$NAMESPACE" --timeout 2m
until (($(kubectl get pods --selector app=shortener --namespace "$NAMESPACE" --output name | wc -l) == pods)); do sleep 0.5; done
shared
passed several 3m
passed keep 3m

kubectl delete pod/redis-0 --namespace "$NAMESPACE" --timeout 2m
kubectl rollout status statefulset/redis --namespace "$NAMESPACE" --timeout 2m
passed replace 3m
campaign
passed goOn 3m
