#!/usr/bin/env bash
# Runs every fuzz target of the project for a number of inputs, one target on each core, and counts them.
# A number and not a time: where a time is up within a run of the target, go test can report that as a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

# fuzz prints what one target said when it is done: fuzz INPUTS PACKAGE TARGET.
fuzz() {
  local said code=0
  said=$(go test "$2" -run '^$' -fuzz "^$3\$" -fuzztime "$1x" -fuzzminimizetime 20x -parallel 1 2>&1) || code=1
  printf '== %s %s\n%s\n' "$2" "$3" "$said"
  return $code
}
export -f fuzz

targets=$(git grep -oE '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | sed -E 's|^(.*)/[^/]*:func (.*)$|./\1 \2|')
[ -n "$targets" ] || { echo "there is no fuzz target"; exit 1; }
xargs --max-procs "$(nproc)" --max-args 2 bash -c 'fuzz "$@"' fuzz "$1" <<<"$targets"
printf 'fuzz: %d targets, %s inputs each\n' "$(wc -l <<<"$targets")" "$1"
