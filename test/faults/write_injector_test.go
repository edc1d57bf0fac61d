package faults

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// fault is what happens to a write.
type fault string

const (
	crashBefore       fault = "crash before"          // the write is never sent
	crashAfter        fault = "crash after"           // it is carried out, and the response lost
	conflict          fault = "409"                   // the write is refused
	throttled         fault = "429"                   // and so it is here
	serverError       fault = "500"                   // and here
	noResponse        fault = "no response"           // it is carried out, and the response never sent
	lateResponse      fault = "late response"         // it is carried out, and watches deliver it first
	connectionReset   fault = "connection reset"      // it is not carried out
	informersFrozen   fault = "informers frozen"      // it is carried out, and no watch delivers anything for a while
	namespaceDeleting fault = "namespace terminating" // somebody deletes it right before
	namespaceDeleted  fault = "namespace gone"        // the same, and the write waits until it is gone
	concurrentEdit    fault = "concurrent edit"       // it is carried out, neither a response nor watches deliver it, and a learner edits
)

// responseFaults are those of a request while the operator stays alive.
var responseFaults = []fault{conflict, throttled, serverError, noResponse, lateResponse, connectionReset}

// proxyFault returns the fault of the proxy, and whether it comes before the server has received
// the request.
func (f fault) proxyFault() (fault proxy.Fault, before bool) {
	switch f {
	case conflict:
		return proxy.Conflict, true
	case throttled:
		return proxy.Throttled, true
	case serverError:
		return proxy.ServerError, true
	case connectionReset, crashBefore:
		return proxy.Reset, true
	case noResponse, concurrentEdit:
		return proxy.NoResponse, false
	case lateResponse:
		return proxy.LateResponse, false
	case crashAfter:
		return proxy.Reset, false
	default:
		return proxy.None, true
	}
}

// writePlan has the faults of a run, at most one for each write.
type writePlan map[point]fault

// followUp is a fault at a write that is not known before: the nth after another fault.
type followUp struct {
	nth   int
	fault fault
}

func (s followUp) String() string { return fmt.Sprintf("%s write %d", s.fault, s.nth) }

// actions are what a fault does in addition to the response.
type actions struct {
	crash, freeze, deleteNamespace, deleteNamespaceAndWait, editConcurrently func()
}

// writeInjector numbers the writes of one run, over all its operators, and injects the planned
// faults.
type writeInjector struct {
	plan      writePlan
	followUps map[point]followUp // by the point of the fault that they follow
	actions   actions

	mu              sync.Mutex
	step            string
	applied         map[string]int  // by write, of this step
	appliedRequests map[string]bool // requests of this step that were carried out
	trace           []point
	injected        map[point]bool
	pending         []followUp // whose first fault was injected
	sent            int        // requests, whatever came of them
	last            string     // the latest of them
}

// startStep starts a step of the scenario.
func (w *writeInjector) startStep(step string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step, w.applied, w.appliedRequests = step, map[string]int{}, map[string]bool{}
}

// request is called for a write before it is sent.
func (w *writeInjector) request(what string, body []byte) (proxy.Fault, proxy.ResponseHook) {
	at, now := w.beforeSend(what, body)
	w.runAction(now)
	if fault, _ := now.proxyFault(); fault != proxy.None || at == nil {
		return fault, nil
	}
	return proxy.None, func(code int) proxy.Fault {
		if code >= http.StatusBadRequest {
			return proxy.None
		}
		now := w.afterResponse(*at, body)
		w.runAction(now)
		fault, _ := now.proxyFault()
		return fault
	}
}

// runAction does what a fault does in addition to the response. No lock is held: to crash an
// operator takes others.
func (w *writeInjector) runAction(now fault) {
	switch now {
	case crashBefore, crashAfter:
		w.actions.crash()
	case informersFrozen:
		w.actions.freeze()
	case namespaceDeleting:
		w.actions.deleteNamespace()
	case namespaceDeleted:
		w.actions.deleteNamespaceAndWait()
	case concurrentEdit:
		w.actions.editConcurrently()
	}
}

// beforeSend returns the point of a request, and the fault before it is sent. Repeating in a step
// what was carried out already changes nothing and is no point. A request that was refused keeps
// its number for the next try.
func (w *writeInjector) beforeSend(what string, body []byte) (*point, fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	w.last = what
	if w.step == "" || w.appliedRequests[what+string(body)] {
		return nil, ""
	}
	at := &point{Step: w.step, What: what, Occurrence: w.applied[what] + 1}
	w.scheduleFollowUp(*at)
	return at, w.inject(*at, true)
}

// afterResponse records a write that was carried out, in the step in which it began, and returns
// the fault.
func (w *writeInjector) afterResponse(at point, body []byte) fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, at)
	if at.Step == w.step {
		w.applied[at.What]++
		w.appliedRequests[at.What+string(body)] = true
	}
	return w.inject(at, false)
}

// scheduleFollowUp plans for this write the fault that was to come at the nth write after an
// earlier one.
func (w *writeInjector) scheduleFollowUp(at point) {
	for i := range w.pending {
		w.pending[i].nth--
	}
	due := slices.IndexFunc(w.pending, func(s followUp) bool { return s.nth <= 0 })
	if due < 0 || w.plan[at] != "" {
		return
	}
	w.plan[at] = w.pending[due].fault
	w.pending = slices.Delete(w.pending, due, due+1)
}

// inject returns, once in a run, the fault at a write at this time.
func (w *writeInjector) inject(at point, before bool) fault {
	now := w.plan[at]
	if _, when := now.proxyFault(); now == "" || when != before || w.injected[at] {
		return ""
	}
	w.injected[at] = true
	if next, ok := w.followUps[at]; ok {
		w.pending = append(w.pending, next)
	}
	return now
}

// outstanding reports whether a fault is planned for the present step that was not injected.
func (w *writeInjector) outstanding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := range w.plan {
		if at.Step == w.step && !w.injected[at] {
			return true
		}
	}
	return false
}

// requests returns how many writes were requested, whatever came of them, and the latest.
func (w *writeInjector) requests() (sent int, last string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent, w.last
}
