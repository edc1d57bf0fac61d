// Package contract holds every exercise to its contract on a real cluster: at the start no task has passed; the
// solution, with a learner's rights, completes the lab, and so does every other right way in solutions/; every near miss leaves
// its task open and says why; deleting the lab leaves nothing. An exercise is a folder under labs/. EXERCISE=name runs one.
// Otherwise SAMPLE=n runs n of them: one that CHANGED names, others by SEED. With OPERATOR_KUBECONFIG (make record), the suite runs
// the operator itself and keeps what it saw. Nothing is tried twice, and several labs run at once, but for solutions that say "# alone: WHY" in their head, and the other scripts of their exercises, of which one
// runs at a time beside others.
//
// The exercises in adapters/ are no part of the catalog: each shows of one evidence adapter that it sees what is so, what
// is not so yet, and what only looks so.
//
// The tests have the build tag cluster: make test-e2e and make test-mistakes run them.
package contract
