#!/usr/bin/env bash
# task: upgrade
# says: pods of 1.1.0 call themselves: allyear-v2
# Giving one value made helm forget the other.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
if bring 1.1.0 --set "replicas=$pods" --timeout 15s; then
  echo "the upgrade to 1.1.0 worked: it must not" && exit 1
fi
