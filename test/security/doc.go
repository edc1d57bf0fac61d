// Package security attacks a lab on a real cluster, with the kubeconfig that a learner gets and now and then as an author
// of exercises. Every attack must fail for the right reason, or gain nothing, and each is shown to be well-formed: the
// same request is made where it is allowed. It leaves nothing behind, and other labs keep their latency meanwhile.
// The tests have the build tag cluster: make test-security runs them.
package security
