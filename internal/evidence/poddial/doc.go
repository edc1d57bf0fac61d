// Package poddial reaches pods of a lab's namespace through the API server's port-forward: from inside and from outside
// of the cluster, behind a network policy that denies everything, and with the rights of one account in that namespace
// alone.
//
// A connection ends on the loopback interface inside of the pod. It proves that a process answers, and nothing about a
// Service, a mapping of ports or a network policy.
package poddial
