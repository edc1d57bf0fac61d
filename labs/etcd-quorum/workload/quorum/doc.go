// Package quorum is a writer that puts numbered entries into an etcd cluster, keeps a ledger of what became of each, and
// reads them back from every member in both ways that etcd has.
package quorum
