// Package performance measures the operator beside a bare client in the same run, on the same API server.
//
// The operator runs in this process, with the rights that it has in a cluster and a connection of its own whose requests
// are counted. The bare client makes, by the same verbs and under the same accounts, what the operator makes of a Lab: it
// knows beforehand what to do, so that nothing is left but the requests. What it takes is what the machine allows, and
// only the ratio to it says something about the operator. Neither runs while the other is measured.
//
// Ratios, counts and sizes are held against baseline.yaml, which has a limit beside each measured value. Times are
// printed and held against nothing.
package performance
