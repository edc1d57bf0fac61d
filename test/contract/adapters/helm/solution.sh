#!/usr/bin/env bash
set -euo pipefail
chart=$(mktemp -d)
trap 'rm -rf "$chart"' EXIT
mkdir "$chart/templates"
printf 'apiVersion: v2\nname: shop\nversion: 1.0.0\n' > "$chart/Chart.yaml"
echo 'colour: red' > "$chart/values.yaml"
cat > "$chart/templates/page.yaml" <<'TEMPLATE'
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-page"}
data: {colour: "{{ .Values.colour }}"}
TEMPLATE
helm install shop "$chart" --namespace "$NAMESPACE"
helm upgrade shop "$chart" --namespace "$NAMESPACE" --set colour=green
