// Package adapters reads services: Helm releases, HTTP, Kafka, PostgreSQL and Redis. Each adapter is a file of its own
// and a line of All. What they read comes from servers that belong to learners: nothing in it is trusted, everything
// is bounded.
package adapters

import "github.com/lab-operator/lab-operator/internal/evidence/probe"

// All lists the adapters, in the order in which they are documented.
func All() []probe.Adapter {
	return []probe.Adapter{
		helmAdapter(),
		httpAdapter(),
		kafkaAdapter(),
		redisAdapter(),
		sqlAdapter(),
	}
}
