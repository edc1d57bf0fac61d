package faults

import (
	"sync"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// readInjector injects a fault, if there is one, into the first read of each kind in each step.
type readInjector struct {
	fault fault

	mu   sync.Mutex
	step string
	seen map[point]bool // kinds of reads into which the fault was injected
}

// startStep starts a step of the scenario.
func (r *readInjector) startStep(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step = step
}

// request is called for a read before it is sent.
func (r *readInjector) request(what string) (proxy.Fault, proxy.ResponseHook) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := point{Step: r.step, What: what, Occurrence: 1}
	if r.step == "" || r.seen[at] {
		return proxy.None, nil
	}
	r.seen[at] = true
	fault, before := r.fault.proxyFault()
	if before {
		return fault, nil
	}
	return proxy.None, func(int) proxy.Fault { return fault }
}

// injected returns the kinds of reads of each step.
func (r *readInjector) injected() map[point]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	trace := make(map[point]bool, len(r.seen))
	for at := range r.seen {
		trace[at] = true
	}
	return trace
}
