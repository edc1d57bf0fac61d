#!/usr/bin/env bash
# Runs every fuzz target of the project for a time, as in 30s, one after the other, and counts them.
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
while IFS=: read -r file target; do
  printf '== %s %s\n' "$(dirname "$file")" "$target"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$1"
  count=$((count + 1))
done < <(git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | sed 's/:func /:/')
[ "$count" -gt 0 ] || { echo "there is no fuzz target"; exit 1; }
printf 'fuzz: %d targets, %s each\n' "$count" "$1"
