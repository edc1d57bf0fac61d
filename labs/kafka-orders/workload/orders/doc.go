// Package orders is a shop that writes orders to a Kafka topic, and the service that fulfills them. The shop keeps a
// ledger of what the broker acknowledged, holds it against the topic, and notes which orders were fulfilled.
package orders
