#!/usr/bin/env bash
# task: rollback
# says: it has 1 (superseded), 2 (superseded), 3 (deployed)
# A clean slate: the service is as it was before, there even is a rollback, and what happened is forgotten.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
configured
failed
passed upgrade 3m
helm uninstall shop --wait --timeout 2m
bring 1.0.0 --values "$work/values.yaml"
bring 1.0.0 --values "$work/values.yaml"
helm rollback shop 1 --wait --timeout 3m
