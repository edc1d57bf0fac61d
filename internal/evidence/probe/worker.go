package probe

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// request is a piece of evidence that is wanted, with the adapter that reads it.
type request struct {
	evidence *v1beta1.Evidence
	adapter  *Adapter
}

// worker goes over the services of one lab, one probe at a time.
type worker struct {
	pool        *Pool
	lab         types.NamespacedName
	namespace   string
	environment string
	dialer      Dialer
	// stop ends it. It is nil while the pool has not been started; the pool's lock guards it.
	stop context.CancelFunc
	// wake has room for one: there is something to do earlier than thought.
	wake chan struct{}

	mu      sync.Mutex
	results []*result
}

func newWorker(pool *Pool, lab types.NamespacedName, subject Subject) *worker {
	return &worker{
		pool: pool, lab: lab, namespace: subject.Namespace, environment: subject.Environment,
		dialer: pool.cfg.Dialer(subject.Namespace), wake: make(chan struct{}, 1),
	}
}

// setRequests makes the worker about these requests. What is known of those that stay, stays.
func (w *worker) setRequests(requests []request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := make(map[string]*result, len(w.results))
	for _, r := range w.results {
		known[r.evidence.Name] = r
	}
	results := make([]*result, 0, len(requests))
	news := len(requests) != len(w.results)
	for _, q := range requests {
		r := known[q.evidence.Name]
		if r == nil || !sameSource(r.evidence, q.evidence) {
			r, news = &result{request: q}, true
		}
		results = append(results, r)
	}
	w.results = results
	if news {
		w.wakeUp()
	}
}

func (w *worker) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// trigger makes every probe due as early as it may be.
func (w *worker) trigger() {
	now := w.pool.cfg.Clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	earlier := false
	for _, r := range w.results {
		if at := latest(now, r.began.Add(minInterval)); at.Before(r.due) {
			r.due, earlier = at, true
		}
	}
	if earlier {
		w.wakeUp()
	}
}

// run takes probes until the context ends.
func (w *worker) run(ctx context.Context) {
	for {
		r, in := w.next()
		if r == nil || in > 0 {
			if !w.wait(ctx, r != nil, in) {
				return
			}
			continue
		}
		release, err := w.pool.acquire(ctx, r.hung)
		if err != nil {
			return
		}
		w.probe(ctx, r)
		release()
	}
}

// next is what to probe next, and in what time.
func (w *worker) next() (r *result, in time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, candidate := range w.results {
		if r == nil || candidate.due.Before(r.due) {
			r = candidate
		}
	}
	if r == nil {
		return nil, 0
	}
	return r, r.due.Sub(w.pool.cfg.Clock.Now())
}

// wait waits until a time has passed, if it is for some time, or there is something to do. It is false at the end.
func (w *worker) wait(ctx context.Context, timed bool, in time.Duration) bool {
	var over <-chan time.Time
	if timed {
		timer := w.pool.cfg.Clock.NewTimer(in)
		defer timer.Stop()
		over = timer.C()
	}
	select {
	case <-ctx.Done():
		return false
	case <-w.wake:
	case <-over:
	}
	return true
}

// probe takes one probe, and tells when it is news.
func (w *worker) probe(ctx context.Context, r *result) {
	began := w.pool.cfg.Clock.Now()
	values, err := execute(ctx, w.pool.cfg.Log.WithValues("lab", w.lab), w.dialer, r.request)
	if ctx.Err() != nil {
		return
	}
	if w.record(r, began, values, err) {
		w.pool.cfg.Notify(w.lab)
	}
}

// record keeps what a probe found, and tells whether it is news.
func (w *worker) record(r *result, began time.Time, values map[string]any, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.pool.cfg.Clock.Now()
	r.began, r.due = began, latest(now, began.Add(interval(r.evidence.Probe)))
	before := r.observation(now)
	fault := faultOf(err)
	if fault != nil {
		w.pool.cfg.Failed(fault.Lasting)
		if r.faultSince.IsZero() {
			r.faultSince = now
		}
		r.fault = fault
		return before.State != r.observation(now).State
	}
	r.fault, r.faultSince = nil, time.Time{}
	r.hung = reasonOf(err) == TimedOut
	next := check.Observation{State: check.Seen, Value: evidenceOf(r.adapter.Name, values, err), At: began, Since: began}
	if r.seen.State == check.Seen && began.Sub(r.seen.At) <= r.staleAfter() && before.State == check.Seen {
		next.Since = r.seen.Since
	}
	r.seen = next
	return before.State != check.Seen || !same(before.Value, next.Value)
}

func (w *worker) snapshot(now time.Time) check.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	snapshot := make(check.Snapshot, len(w.results))
	for _, r := range w.results {
		snapshot[r.evidence.Name] = r.observation(now)
	}
	return snapshot
}

// interval is how often a service is probed.
func interval(spec *v1beta1.ProbeEvidence) time.Duration {
	if spec.Interval == nil || spec.Interval.Duration < minInterval {
		return defaultInterval
	}
	return spec.Interval.Duration
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// timeout is how long a probe may take: what the evidence says, or DefaultTimeout and what the adapter needs in addition.
func timeout(adapter *Adapter, spec *v1beta1.ProbeEvidence) time.Duration {
	switch {
	case spec.Timeout != nil && spec.Timeout.Duration > 0:
		return spec.Timeout.Duration
	case adapter.Extra != nil:
		return DefaultTimeout + adapter.Extra(spec)
	}
	return DefaultTimeout
}

// Run takes one probe within its timeout. A connection that was closed is tried once more: that it was in fact refused is
// told on a stream of its own, and now and then lost when the connection ends.
func Run(ctx context.Context, adapter *Adapter, dialer Dialer, e *v1beta1.Evidence) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout(adapter, e.Probe))
	defer cancel()
	values, err := adapter.Probe(ctx, dialer, e.Probe)
	if reasonOf(err) == Closed && ctx.Err() == nil {
		return adapter.Probe(ctx, dialer, e.Probe)
	}
	return values, err
}

// take probes. An adapter that breaks is our fault.
func execute(ctx context.Context, log logr.Logger, dialer Dialer, w request) (values map[string]any, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			log.Error(fmt.Errorf("panic: %v", broken), "an adapter broke", "adapter", w.adapter.Name, "evidence", w.evidence.Name,
				"stack", string(debug.Stack()))
			values, err = nil, &Fault{Message: "the adapter " + w.adapter.Name + " broke: report it with the operator's log", Lasting: true}
		}
	}()
	return Run(ctx, w.adapter, dialer, w.evidence)
}
