#!/usr/bin/env bash
# task: rollback
# says: it is 1.1.0
# The broken version was tried twice, so that the revision before the newest is no better.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
reachable
helm upgrade shop charts/shop --version 1.1.0 --values "$work/values.yaml"
failed
passed upgrade 3m
helm rollback shop
