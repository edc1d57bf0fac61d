#!/bin/bash
# Imports the images for pods into the node's containerd while its image is built,
# so that a cluster starts with all of them unpacked. Their archives are dropped:
# only what is unpacked is read, and all of it is copied when a node is made.
set -euo pipefail

containerd >/run/containerd.log 2>&1 &
trap 'cat /run/containerd.log >&2' ERR
for _ in {1..100}; do
  ctr version >/dev/null 2>&1 && break
  sleep 0.1
done
ctr --namespace k8s.io images import --local --snapshotter overlayfs --discard-unpacked-layers /images/images.tar
# The archives go with the next garbage collection, which this one waits for.
ctr --namespace k8s.io content prune references
kill %1
wait %1
