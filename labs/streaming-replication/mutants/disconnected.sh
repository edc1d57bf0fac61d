#!/usr/bin/env bash
# task: lag
# says: beta is not connected. If alpha died now, what it acknowledges would be lost
# Beta is late, and it is the wrong kind of late: it does not receive any more, and has nothing to apply.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
set_setting beta primary_conninfo ""
