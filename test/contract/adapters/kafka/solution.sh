#!/usr/bin/env bash
set -euo pipefail
kubectl exec kafka-0 --namespace "$NAMESPACE" -- sh -ec '
  export KAFKA_HEAP_OPTS=-Xmx96m
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka-0.kafka:9092 --create --topic orders --partitions 3
  seq 10 | /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka-0.kafka:9092 --topic orders'
kubectl scale deployment/billing --namespace "$NAMESPACE" --replicas 1
kubectl rollout status deployment/billing --namespace "$NAMESPACE" --timeout 2m
sleep 15
