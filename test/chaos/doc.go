// Package chaos lives the life of a lab again and again while things go wrong, and holds what comes out against a life
// in which nothing did: the same look of the lab after every step, as many objects made and deleted, none left, nothing
// written outside of the lab, nothing taken back of what was reached, and silence where all is done.
//
// First comes a script: what is the same in some lives without mishaps, such as their writes. Then every write meets
// every mishap. The operator is killed before it and after it, or the write is refused, lost or never answered. Reads
// are refused, watches are cut, delayed and begin anew, informers freeze, and somebody deletes the namespace or harms
// the guardrails. A write of the script that did not meet its mishap fails the suite.
//
// An operator reaches its API server through a proxy, which tells what it asks for and lets things go wrong. A crash
// happens in the process: from the moment on, the transport of that operator sends nothing any more, so that no late
// goroutine can do what a dead process could not. The next one starts from what the API server has.
package chaos
