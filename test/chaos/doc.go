// Package chaos kills the operator at every write of a lab's life, before the request is sent and after it was
// carried out but nobody heard of it, and holds what comes out against a life in which nothing happened.
//
// A crash happens in the process: from the moment on, the transport of that operator answers nothing any more, so
// that no late goroutine can do what a dead process could not. The next one starts from what the API server has.
package chaos
