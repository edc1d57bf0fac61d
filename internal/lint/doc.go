// Package lint finds what is wrong with exercises, topics and answer keys before any cluster sees them: all that the
// API server and the operator would refuse, judged by their own packages, and what they would take but should not be
// put before a learner. It needs no cluster.
//
// Documents go in, findings with file, line and field come out. Only Run reads files.
package lint
