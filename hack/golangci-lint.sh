#!/usr/bin/env bash
# Prints the path of a golangci-lint that has kube-api-linter built in. The first time it is built, which takes
# minutes, into the folder given: a large tool of its own, that must not slow down go tool for the small ones.
set -euo pipefail
cd "$(dirname "$0")/.."
key=$(cat go.lint.mod go.lint.sum | sha256sum | cut -c1-12)
binary=$1/lint-$key/golangci-lint
if [ ! -x "$binary" ]; then
  echo "building golangci-lint with kube-api-linter (once, some minutes)" >&2
  mkdir -p "$(dirname "$binary")"
  go build -modfile=go.lint.mod -o "$binary.new" sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter >&2
  mv "$binary.new" "$binary"
fi
echo "$binary"
