#!/usr/bin/env bash
# Fails when the checkout is not what its own tools would make of it.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '== %s\n' "$*"; }

step "generated files"
make --no-print-directory generate

step "format"
unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { printf 'not formatted, run make fmt:\n%s\n' "$unformatted"; exit 1; }

step "go.mod"
go mod tidy -diff

step "catalog"
make --no-print-directory lint-catalog

step "recordings"
go test -count=1 -run '^TestRecordings' ./labs

step "vet, with and without the tests that have a build tag"
go vet ./...
go vet -tags cluster,prove ./...

step "lint"
make --no-print-directory lint

step "nothing left over"
changed=$(git status --porcelain)
[ -z "$changed" ] || { printf 'changed or not committed:\n%s\n' "$changed"; git --no-pager diff --stat; exit 1; }
