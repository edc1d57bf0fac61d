// Package workshop reconciles a Workshop: each attendee of the roster gets a namespace with Labs in it and, while the
// workshop is open, an account with the learner's rights and a kubeconfig.
//
// What is to be done for an attendee is decided by pure functions (schedule.go, plan.go) from the spec, the time and what the
// caches hold; apply.go does it. One reconcile handles a bounded number of attendees, so that workshops take turns. The
// status counts attendees and lists none: who is where is in the Labs.
package workshop
