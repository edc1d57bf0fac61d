#!/usr/bin/env bash
# task: keep
# says: links is Pending
# The log is kept, in a volume that goes with the pod. The claim is there, and nobody uses it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
prepare '"emptyDir":{"sizeLimit":"64Mi"}' yes
