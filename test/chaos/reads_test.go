package chaos

import (
	"sync"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

// reads has the first read of each kind in each step answered by a fault, if there is one.
type reads struct {
	fault mishap

	mu    sync.Mutex
	step  string
	known map[point]bool // kinds of reads that came, and so were answered by the fault
}

// enter begins a step of the life.
func (r *reads) enter(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step = step
}

// request is asked about a read before it is sent.
func (r *reads) request(what string) (proxy.Fault, proxy.After) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := point{Step: r.step, What: what, Occurrence: 1}
	if r.step == "" || r.known[at] {
		return proxy.None, nil
	}
	r.known[at] = true
	fault, before := r.fault.fault()
	if before {
		return fault, nil
	}
	return proxy.None, func(int) proxy.Fault { return fault }
}

// trace are the kinds of reads of each step.
func (r *reads) trace() map[point]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace := make(map[point]bool, len(r.known))
	for at := range r.known {
		trace[at] = true
	}
	return trace
}
