#!/usr/bin/env bash
# task: follow
# says: it is a leader itself and follows nobody
# All of the files are there, and so is every entry of the moment. Nobody told the copy that it is to follow.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

copy
until sql beta "select count(*) from entries"; do sleep 1; done
