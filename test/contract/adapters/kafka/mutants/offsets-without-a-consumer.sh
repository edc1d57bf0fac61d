#!/usr/bin/env bash
# task: drained
# says: the group is Empty
# The offsets say that everything was read: they were set to the end. Nobody has read anything.
set -euo pipefail
kubectl exec kafka-0 --namespace "$NAMESPACE" -- sh -ec '
  export KAFKA_HEAP_OPTS=-Xmx96m
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka-0.kafka:9092 --create --topic orders --partitions 3
  seq 10 | /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka-0.kafka:9092 --topic orders
  /opt/kafka/bin/kafka-consumer-groups.sh --bootstrap-server kafka-0.kafka:9092 --group billing --topic orders --reset-offsets --to-latest --execute'
sleep 10
