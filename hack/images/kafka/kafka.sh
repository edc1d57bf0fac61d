#!/bin/sh
# Runs the broker or one of its tools, by the name under which this is called. It heeds the variables that the scripts
# of Kafka's own distribution are usually told things by.
set -eu

home=$(dirname "$(dirname "$(readlink -f "$0")")")
level=WARN
heap=-Xmx256M
case $(basename "$0") in
kafka-server-start.sh)
  main=kafka.Kafka
  level=INFO
  heap='-Xmx1G -Xms1G'
  ;;
kafka-storage.sh) main=kafka.tools.StorageTool ;;
kafka-topics.sh) main=org.apache.kafka.tools.TopicCommand ;;
kafka-configs.sh) main=kafka.admin.ConfigCommand ;;
kafka-console-producer.sh) main=org.apache.kafka.tools.ConsoleProducer ;;
kafka-console-consumer.sh) main=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
kafka-consumer-groups.sh) main=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
kafka-get-offsets.sh) main=org.apache.kafka.tools.GetOffsetShell ;;
*)
  echo "$(basename "$0") is not the name of a tool" >&2
  exit 2
  ;;
esac

# The variables are lists of options: they are meant to be split.
# shellcheck disable=SC2086
exec java ${KAFKA_HEAP_OPTS-$heap} ${KAFKA_JVM_PERFORMANCE_OPTS--XX:+UseG1GC} -Djava.awt.headless=true \
  ${KAFKA_LOG4J_OPTS--Dlog4j2.configurationFile=$home/config/log4j2.properties -Dlevel=$level} ${KAFKA_OPTS-} \
  -cp "$home/libs/*" "$main" "$@"
