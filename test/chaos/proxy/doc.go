// Package proxy stands between a client and an API server and lets things go wrong on the way, as networks, load
// balancers and API servers do: requests are refused, lost or never answered, watches end, lag or have to begin anew.
//
// What goes wrong and when is for Rules to say. The proxy speaks plain HTTP to the client, so that a connection that
// breaks is one connection, and passes the events of a watch on one by one.
package proxy
