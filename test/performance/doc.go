// Package performance measures the operator next to a baseline client in the same run, on the same
// API server.
//
// The operator runs in this process, with the rights that it has in a cluster and a connection of
// its own whose requests are counted. The baseline client creates, by the same verbs and under the
// same accounts, what the operator creates for a Lab. It knows in advance what to do, so only the
// requests are left: its time is what the machine allows, and only the ratio to it says something
// about the operator. Neither runs while the other is measured. The figures call the baseline
// client "bare".
//
// Ratios, counts and sizes are checked against baseline.yaml, which has a limit next to each
// measured value. Times are printed and not checked.
package performance
