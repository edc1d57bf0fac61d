// Package policy tests what config/ grants and refuses: the roles as they are written, and the admission policies on a
// real API server, acting as the operator, the deployer, a learner, the cluster and an administrator.
package policy
