#!/usr/bin/env bash
# task: several
# says: elsewhere
# More pods and nothing else: each of them counts for itself, and writes over the links of the others.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../shortener.sh"
kubectl scale deployment/shortener --namespace "$NAMESPACE" --replicas "$pods"
settled shortener
shared
