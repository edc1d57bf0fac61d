#!/usr/bin/env bash
# task: drain
# says: orders wait, the oldest of them for
# The backlog is to go by having no new orders: the shop refuses to be stopped, and its Service to be led elsewhere.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../kafka.sh"

share
# Nobody is to work off anything: what is left is a shop without customers, if it could be had.
scale 0
refused() {
  if "$@" --namespace "$NAMESPACE"; then
    echo "this should have been refused: $*" >&2
    exit 1
  fi
}
refused kubectl scale deployment/shop --replicas 0
refused kubectl delete deployment/shop
refused kubectl delete pod --selector app=shop
refused kubectl patch service/shop --patch "{\"spec\":{\"selector\":{\"app\":\"fulfillment\"}}}"
