#!/usr/bin/env bash
# task: install
# says: is deployed, from shop 2.0.0
# Nobody said which version, so helm took the newest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shop.sh"
reach
helm install shop charts/shop --wait --timeout 3m
