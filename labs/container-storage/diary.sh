# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# diary is the client in the pod: diary write TEXT, diary read, diary crash.
diary() { kubectl exec deploy/diary --namespace "$NAMESPACE" -- /workload diary "$@"; }

# crash ends the container, and with it the client, and waits for the next one.
crash() {
  diary crash || true
  until diary read >/dev/null 2>&1; do sleep 1; done
}

rolled() { kubectl rollout status deploy/diary --namespace "$NAMESPACE" --timeout 2m; }

replace_pod() {
  kubectl delete pod --namespace "$NAMESPACE" --selector app=diary
  rolled
}

# keep_in mounts a volume at a folder, in place of any other: keep_in FOLDER VOLUME.
keep_in() {
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
      - {name: kept, $2}"
  rolled
}

make_claim() {
  kubectl apply --namespace "$NAMESPACE" --filename - <<'CLAIM'
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: diary
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 64Mi}}
CLAIM
}

# lose_with_container and lose_with_pod are the way to the last task.
lose_with_container() {
  diary write "the first word is $(param word)"
  passed write 1m
  crash
  passed container 1m
}

lose_with_pod() {
  keep_in /home/nonroot/diary "emptyDir: {sizeLimit: 16Mi}"
  diary write "kept by the pod"
  crash
  passed pod 1m
  replace_pod
  passed replaced 1m
}
