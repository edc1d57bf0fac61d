// Package diary is a service that keeps what it is told in a file, and tells which of its lives wrote each entry: so that
// one sees what outlives a container, a pod, a claim.
package diary
