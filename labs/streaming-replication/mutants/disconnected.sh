#!/usr/bin/env bash
# task: lag
# says: what alpha acknowledges now, alpha alone has
# Beta is late, and it is the wrong kind of late: it does not receive any more, and has nothing to apply.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../postgres.sh"

follow
set_setting beta primary_conninfo ""
