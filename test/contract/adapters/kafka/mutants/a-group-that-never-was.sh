#!/usr/bin/env bash
# task: drained
# says: the group is Dead
# A group that does not exist is behind with nothing.
set -euo pipefail
kubectl exec kafka-0 --namespace "$NAMESPACE" -- sh -ec '
  export KAFKA_HEAP_OPTS=-Xmx96m
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka-0.kafka:9092 --create --topic orders --partitions 3
  seq 10 | /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka-0.kafka:9092 --topic orders'
sleep 10
