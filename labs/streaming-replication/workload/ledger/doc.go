// Package ledger is a writer that commits numbered entries to PostgreSQL through the address of whichever server is the
// leader, keeps a ledger of what became of each, and reads them back from there and from every server.
package ledger
