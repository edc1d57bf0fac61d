#!/usr/bin/env bash
# task: survive
# says: leave the pods of prices alone
# The service is told to do without its cache, and its pods have the same names all the time: another pod served the outage.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../prices.sh"

proved before
bound
cached=(prices --listen=:8080 --seed=11 --products=5 --price-every=5s --slow=300ms)
set_of() {
  local list
  list=$(printf ',"%s"' "$@")
  kubectl apply --namespace "$NAMESPACE" --filename - <<SET
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: prices}
spec:
  serviceName: prices
  selector: {matchLabels: {app: prices}}
  template:
    metadata: {labels: {app: prices}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: prices
        image: lab-operator/workload:dev
        imagePullPolicy: IfNotPresent
        args: [${list#,}]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 2, timeoutSeconds: 3}
        resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
SET
  kubectl rollout status statefulset/prices --namespace "$NAMESPACE" --timeout 2m
}
kubectl delete deployment/prices --namespace "$NAMESPACE" --cascade=foreground --timeout 2m
set_of "${cached[@]}" --cache=cache:6379 "--ttl=$ttl"
proved fresh
set_of "${cached[@]}"
outage
set_of "${cached[@]}" --cache=cache:6379 "--ttl=$ttl"
measure
