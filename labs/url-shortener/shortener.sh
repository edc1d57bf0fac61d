# What the scripts of this exercise have in common.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

pods=$(param pods)
trap close_tunnel EXIT

# campaign lets the customers bring their addresses, and waits until they have followed the links.
campaign() {
  if [[ -z ${tunnel:-} ]]; then tunnel service/customers 80; fi
  reachable
  begin /campaigns
  for _ in $(seq 240); do
    report=$(read_from /report)
    if [[ $report == *lookedAt* ]]; then break; fi
    sleep 0.5
  done
  echo "$report"
}

# shared lets them do so until all pods of the service had a part in it: on a busy node it takes a moment until connections
# go to a pod that has just become ready.
shared() {
  for _ in $(seq 10); do
    campaign
    if (($(grep -o '"shortener-[^"]*":' <<<"$report" | wc -l) >= pods)); then return; fi
  done
  echo "not all pods of the service are asked" && exit 1
}

# settled waits until the latest pods of a Deployment are ready: settled NAME.
settled() {
  kubectl rollout status "deployment/$1" --namespace "$NAMESPACE" --timeout 4m
}

# prepare passes the first task. The store is given its volume and its log at the same time, so that it is replaced once, which
# also rids it of what was there; keep follows by the same campaign, where both are right: prepare VOLUME yes|no [DIRECTORY].
prepare() {
  kubectl apply --namespace "$NAMESPACE" --filename - <<'CLAIM'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: links}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 256Mi}}
CLAIM
  kubectl patch deployment/shortener --namespace "$NAMESPACE" --type json --patch \
    "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/args/3\",\"value\":\"--codes=store\"},
      {\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":$pods}]"
  settled shortener
  # A pod that ends still answers, and still counts for itself: what it wrote would stay in a store that is new already.
  until (($(kubectl get pods --selector app=shortener --namespace "$NAMESPACE" --output name | wc -l) == pods)); do sleep 0.5; done
  kubectl patch deployment/store --namespace "$NAMESPACE" --type json --patch \
    "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/volumes/0\",\"value\":{\"name\":\"data\",$1}},
      {\"op\":\"add\",\"path\":\"/spec/template/spec/volumes/-\",\"value\":{\"name\":\"scratch\",\"emptyDir\":{}}},
      {\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/volumeMounts/-\",\"value\":{\"name\":\"scratch\",\"mountPath\":\"/scratch\"}},
      {\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/args/5\",\"value\":\"${3:-/data}\"},
      {\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/args/9\",\"value\":\"$2\"}]"
  settled store
  shared
  passed several 3m
}

# decoy starts a second Redis, which keeps its log in a volume that goes with the pod.
decoy() {
  kubectl apply --namespace "$NAMESPACE" --filename - <<'DECOY'
apiVersion: v1
kind: Service
metadata: {name: decoy}
spec:
  selector: {app: decoy}
  ports: [{name: redis, port: 6379, targetPort: redis}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: decoy}
spec:
  selector: {matchLabels: {app: decoy}}
  template:
    metadata: {labels: {app: decoy}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
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
      volumes: [{name: data, emptyDir: {sizeLimit: 64Mi}}]
DECOY
  settled decoy
}

# replace deletes the pod of the store, and waits for the next.
replace() {
  kubectl delete pod --selector app=store --namespace "$NAMESPACE" --timeout 2m
  settled store
}
