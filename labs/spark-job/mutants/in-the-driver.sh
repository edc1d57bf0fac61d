#!/usr/bin/env bash
# task: shared
# says: (no worker)
# Two workers are there, and the program never asks for them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../spark.sh"

workers
run count-1 PARTS=2
