# What the scripts of this exercise have in common.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# tool runs one of Kafka's in the broker's pod: tool NAME ARGUMENTS...
tool() {
  local name=$1
  shift
  kubectl exec kafka-0 --namespace "$NAMESPACE" -- "/opt/kafka/bin/$name" --bootstrap-server kafka-0.kafka:9092 "$@"
}

# scale sets how many pods fulfillment has, and waits until those that are too many are gone: scale PODS.
scale() {
  kubectl scale deployment/fulfillment --namespace "$NAMESPACE" --replicas "$1"
  if (($1 == 0)); then kubectl wait pod --selector app=fulfillment --namespace "$NAMESPACE" --for delete --timeout 2m; fi
}

# partitions cuts the topic in three. The shop makes a new one some seconds after the old one is gone.
partitions() {
  for _ in $(seq 30); do
    if tool kafka-topics.sh --alter --topic orders --partitions 3; then return; fi
    sleep 2
  done
  return 1
}

# share passes the first task, before a backlog has grown.
share() {
  scale 3
  partitions
  passed share 4m
}

# rewind moves the offsets of the group while it has no members, and lets them come back: rewind TOPIC HOW...
rewind() {
  local topic=$1
  shift
  scale 0
  tool kafka-consumer-groups.sh --group fulfillment --topic "$topic" --reset-offsets "$@" --execute
  scale 3
}
