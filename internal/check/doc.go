// Package check judges the tasks of an exercise by evidence: expressions in CEL over raw objects in, verdicts
// out. It does no I/O and keeps no state. An Exercise is compiled once and shared by all labs that work on it.
//
// Whose fault something is decides what is shown. What a learner can cause, an object that is not there or a field that is
// not set, is Pending with words on what was seen. What an author or the platform causes is Error and a fault.
package check
