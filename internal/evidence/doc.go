// Package evidence sees what is in the namespaces of labs, and tells when it changed.
//
// For each kind that some lab wants there is one watch over the whole cluster, into a store that keeps nothing of
// namespaces without our label. Readers never wait: what has not been read yet is not known yet.
package evidence
