// Package e2e looks at the operator as it runs in a real cluster: what it says, how fast, and what it survives.
// make test-e2e brings up the cluster and everything in it. The tests have the build tag cluster.
package e2e
