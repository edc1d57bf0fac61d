// Package proxy injects faults between a client and an API server, as networks, load balancers and
// API servers have them: requests are refused, lost or never answered, watches end, lag or have to
// be relisted.
//
// Rules decide on the faults. The proxy speaks plain HTTP to the client, so that a connection that
// breaks is one connection, and passes the events of a watch on one at a time.
package proxy
