// Package lab reconciles a Lab: it pins what the lab was started from, fences and fills a namespace for the
// learner, judges the tasks from what is seen there, grades answers, and writes one status.
//
// Reconcile reads snapshots only; what a learner does reaches it through internal/evidence. The phases are
// functions over one scope and stand in files of their own, in the order in which Reconcile runs them:
// observe, takeDown, pin, recall, provision, snapshot, checkReadiness, judge, grade, requestProbes, restore.
package lab
