#!/usr/bin/env bash
# task: several
# says: made by 1 of
# The campaign was run with one pod, where nothing can collide, and the others were added afterwards.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
campaign
kubectl scale deployment/shortener --namespace "$NAMESPACE" --replicas "$pods"
settled shortener
