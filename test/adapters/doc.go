// Package adapters has the evidence adapters look at servers on a real cluster that misbehave in every way: through the
// API server's port-forward, as the operator does. What they make of servers that are as they should be is shown in
// test/contract. The tests have the build tag cluster: make test-e2e runs them.
package adapters
