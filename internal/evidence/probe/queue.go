package probe

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Defaults of a Config, and limits that hold always.
const (
	defaultQuick = 32
	defaultSlow  = 8
	defaultRate  = 50
	// defaultInterval is how often a service is probed whose author does not say.
	defaultInterval = 5 * time.Second
	// minInterval is the shortest time between two probes of the same service, however much changes around it.
	minInterval = time.Second
	// faultGrace is how long a probe may fail through a lasting fault of ours before that is said: rights that were just
	// granted are refused for a moment.
	faultGrace = 5 * time.Second
)

// Config is what a Pool needs.
type Config struct {
	// Adapters that it knows.
	Adapters []Adapter
	// Dialer gives what adapters can reach of a namespace.
	Dialer func(namespace string) Dialer
	// Notify is told that something changed for a lab. It is called from many goroutines and must not block.
	Notify func(lab types.NamespacedName)
	// Failed is told of probes that could not be taken through no fault of the learner, and whether that will last. It must
	// not block. Nil tells nobody.
	Failed func(lasting bool)
	// Clock measures everything but the time of a probe, which is real. Nil is the real one.
	Clock clock.Clock
	// Quick is how many probes are taken at the same time, of services that answered last time. Zero is 32.
	Quick int
	// Slow is how many are taken besides of services that did not answer in time last time. Zero is 8.
	Slow int
	// Rate bounds how many probes are begun in a second. Zero is 50.
	Rate int
	// Log is told of adapters that break.
	Log logr.Logger
}

// Subject is where the services of a lab are.
type Subject struct {
	// Namespace of the lab.
	Namespace string
	// Environment tells one namespace of that name from the next: its UID.
	Environment string
	// Evidence of the exercise. Objects and lists in it are passed over.
	Evidence []v1beta1.Evidence
}

// Pool probes the services of labs. Its methods can be called from any goroutine, and none but Start waits for
// anything.
type Pool struct {
	cfg     Config
	quick   chan struct{}
	slow    chan struct{}
	limiter *rate.Limiter

	mu sync.Mutex
	// run is what the workers of labs live in: nil before Start and after its end.
	run     context.Context //nolint:containedctx // goroutines begin in Want, which has none
	workers sync.WaitGroup
	labs    map[types.NamespacedName]*worker
	stopped bool
}

// NewPool returns a pool that probes nothing before Start.
func NewPool(cfg Config) *Pool {
	if cfg.Clock == nil {
		cfg.Clock = clock.RealClock{}
	}
	if cfg.Failed == nil {
		cfg.Failed = func(bool) {}
	}
	orDefault := func(value *int, otherwise int) {
		if *value == 0 {
			*value = otherwise
		}
	}
	orDefault(&cfg.Quick, defaultQuick)
	orDefault(&cfg.Slow, defaultSlow)
	orDefault(&cfg.Rate, defaultRate)
	return &Pool{
		cfg:     cfg,
		quick:   make(chan struct{}, cfg.Quick),
		slow:    make(chan struct{}, cfg.Slow),
		limiter: rate.NewLimiter(rate.Limit(cfg.Rate), cfg.Rate),
		labs:    map[types.NamespacedName]*worker{},
	}
}

// NeedLeaderElection is true: only the leader probes.
func (p *Pool) NeedLeaderElection() bool { return true }

// Start runs until the context ends, and returns when every probe has. It can be called once.
func (p *Pool) Start(ctx context.Context) error {
	p.mu.Lock()
	if p.run != nil || p.stopped {
		p.mu.Unlock()
		return errors.New("the pool has been started already")
	}
	p.run = ctx
	for _, w := range p.labs {
		p.begin(w)
	}
	p.mu.Unlock()

	<-ctx.Done()
	p.mu.Lock()
	p.run, p.stopped = nil, true
	p.mu.Unlock()
	p.workers.Wait()
	return nil
}

// Want has the named evidence of a lab probed from now on, and no other. What is known of another environment is
// dropped, and of what is not wanted. Names of objects and lists are passed over. To call it again with the same
// arguments costs next to nothing.
func (p *Pool) Want(lab types.NamespacedName, subject Subject, names []string) {
	wanted := p.wanted(subject, names)
	p.mu.Lock()
	defer p.mu.Unlock()
	prior := p.labs[lab]
	if prior != nil && (prior.namespace != subject.Namespace || prior.environment != subject.Environment || len(wanted) == 0) {
		p.end(lab, prior)
		prior = nil
	}
	if len(wanted) == 0 {
		return
	}
	if prior == nil {
		w := newWorker(p, lab, subject)
		w.setRequests(wanted)
		p.labs[lab] = w
		p.begin(w)
		return
	}
	prior.setRequests(wanted)
}

// Forget ends Want, and drops what is known of the lab.
func (p *Pool) Forget(lab types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.labs[lab]; w != nil {
		p.end(lab, w)
	}
}

// Trigger has the services of a lab probed soon: something changed around them.
func (p *Pool) Trigger(lab types.NamespacedName) {
	p.mu.Lock()
	w := p.labs[lab]
	p.mu.Unlock()
	if w != nil {
		w.trigger()
	}
}

// Snapshot is what is known now of the evidence of a lab that is wanted. Its values are shared: never change them.
func (p *Pool) Snapshot(lab types.NamespacedName) check.Snapshot {
	p.mu.Lock()
	w := p.labs[lab]
	p.mu.Unlock()
	if w == nil {
		return nil
	}
	return w.snapshot(p.cfg.Clock.Now())
}

// wanted pairs the named evidence with its adapters.
func (p *Pool) wanted(subject Subject, names []string) []request {
	isNamed := make(map[string]bool, len(names))
	for _, name := range names {
		isNamed[name] = true
	}
	var requests []request
	for i := range subject.Evidence {
		e := &subject.Evidence[i]
		if !isNamed[e.Name] || e.Probe == nil {
			continue
		}
		member := Member(e.Probe)
		for a := range p.cfg.Adapters {
			if p.cfg.Adapters[a].Name == member {
				requests = append(requests, request{evidence: e, adapter: &p.cfg.Adapters[a]})
				break
			}
		}
	}
	return requests
}

// begin starts the worker of a lab. The caller holds the lock.
func (p *Pool) begin(w *worker) {
	if p.run == nil {
		return
	}
	ctx, stop := context.WithCancel(p.run)
	w.stop = stop
	p.workers.Go(func() {
		defer stop()
		w.run(ctx)
	})
}

// end stops the worker of a lab. The caller holds the lock.
func (p *Pool) end(lab types.NamespacedName, w *worker) {
	delete(p.labs, lab)
	if w.stop != nil {
		w.stop()
	}
}

// acquire waits for a place among the probes that are taken at the same time. Services that hang have places of their own,
// so that they take none from the others.
func (p *Pool) acquire(ctx context.Context, hung bool) (release func(), err error) {
	places := p.quick
	if hung {
		places = p.slow
	}
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := p.limiter.Wait(ctx); err != nil {
		<-places
		return nil, err
	}
	return func() { <-places }, nil
}
