#!/usr/bin/env bash
# helm has had the same archives from the repository of another lab, and keeps them by their digests. The values are set one by
# one, and helm goes back by itself when the upgrade fails.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"

kubectl apply --namespace "$NAMESPACE" --filename - <<'POD'
apiVersion: v1
kind: Pod
metadata:
  name: earlier
spec:
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    seccompProfile: {type: RuntimeDefault}
  containers:
  - name: charts
    image: lab-operator/workload:dev
    imagePullPolicy: IfNotPresent
    args: [charts, --listen=:8080]
    resources:
      requests: {cpu: 10m, memory: 16Mi}
      limits: {memory: 64Mi}
    securityContext:
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
POD
kubectl wait pod/earlier --namespace "$NAMESPACE" --for condition=Ready --timeout 2m
reach pod/earlier 8080
for version in 1.0.0 1.1.0 2.0.0; do
  reachable
  helm pull charts/shop --version "$version" --destination "$work"
  # With the digest of an archive helm fills its cache.
  helm template charts/shop --version "$version" >/dev/null
done
close_tunnel
helm repo remove charts
kubectl delete pod/earlier --namespace "$NAMESPACE" --wait

reach
helm install shop charts/shop --version 1.0.0 --wait --timeout 4m
passed install 3m
reachable
helm upgrade shop charts/shop --version 1.0.0 --set-string "season=$season" --set "replicas=$pods" --wait --timeout 4m
passed configure 3m
reachable
if helm upgrade shop charts/shop --version 1.1.0 --reuse-values --rollback-on-failure --timeout 20s; then
  echo "the upgrade to 1.1.0 worked: it must not" && exit 1
fi
passed upgrade 3m
passed rollback 3m
reachable
helm upgrade shop charts/shop --version 2.0.0 --reset-values --set "shop.season=$season" --set "replicaCount=$pods" --wait --timeout 4m
passed moveOn 3m
