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

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Defaults of a Config, and limits that hold always.
const (
	defaultQuick = 32
	defaultSlow  = 8
	defaultRate  = 50
	// defaultEvery is how often a service is looked at whose author does not say.
	defaultEvery = 5 * time.Second
	// nudgeEvery is the shortest time between two looks at the same service, however much changes around it.
	nudgeEvery = time.Second
	// faultGrace is how long a look may fail through a lasting fault of ours before that is said: rights that were just
	// granted are refused for a moment.
	faultGrace = 5 * time.Second
)

// Config is what a Pool needs.
type Config struct {
	// Adapters that it knows.
	Adapters []Adapter
	// Reach gives what adapters can reach of a namespace.
	Reach func(namespace string) Reach
	// Notify is told that something changed for a lab. It is called from many goroutines and must not block.
	Notify func(lab types.NamespacedName)
	// Failed is told of looks that could not be taken through no fault of the learner, and whether that will last. It must
	// not block. Nil tells nobody.
	Failed func(lasting bool)
	// Clock measures everything but the time of a look, which is real. Nil is the real one.
	Clock clock.Clock
	// Quick is how many looks are taken at the same time, at services that answered last time. Zero is 32.
	Quick int
	// Slow is how many are taken besides at services that did not answer in time last time. Zero is 8.
	Slow int
	// Rate bounds how many looks are begun in a second. Zero is 50.
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
	Evidence []v1alpha1.Evidence
}

// Pool looks at the services of labs. Its methods can be called from any goroutine, and none but Start waits for
// anything.
type Pool struct {
	cfg     Config
	quick   chan struct{}
	slow    chan struct{}
	limiter *rate.Limiter

	mu sync.Mutex
	// run is what the rounds of labs live in: nil before Start and after its end.
	run     context.Context //nolint:containedctx // goroutines begin in Want, which has none
	rounds  sync.WaitGroup
	labs    map[types.NamespacedName]*round
	stopped bool
}

// NewPool returns a pool that looks at nothing before Start.
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
		labs:    map[types.NamespacedName]*round{},
	}
}

// NeedLeaderElection is true: only the leader looks.
func (p *Pool) NeedLeaderElection() bool { return true }

// Start runs until the context ends, and returns when every look has. It can be called once.
func (p *Pool) Start(ctx context.Context) error {
	p.mu.Lock()
	if p.run != nil || p.stopped {
		p.mu.Unlock()
		return errors.New("the pool has been started already")
	}
	p.run = ctx
	for _, r := range p.labs {
		p.begin(r)
	}
	p.mu.Unlock()

	<-ctx.Done()
	p.mu.Lock()
	p.run, p.stopped = nil, true
	p.mu.Unlock()
	p.rounds.Wait()
	return nil
}

// Want has the named evidence of a lab looked at from now on, and no other. What is known of another environment is
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
		r := newRound(p, lab, subject)
		r.adopt(wanted)
		p.labs[lab] = r
		p.begin(r)
		return
	}
	prior.adopt(wanted)
}

// Forget ends Want, and drops what is known of the lab.
func (p *Pool) Forget(lab types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.labs[lab]; r != nil {
		p.end(lab, r)
	}
}

// Nudge has the services of a lab looked at soon: something changed around them.
func (p *Pool) Nudge(lab types.NamespacedName) {
	p.mu.Lock()
	r := p.labs[lab]
	p.mu.Unlock()
	if r != nil {
		r.nudge()
	}
}

// Snapshot is what is known now of the evidence of a lab that is wanted. Its values are shared: never change them.
func (p *Pool) Snapshot(lab types.NamespacedName) check.Snapshot {
	p.mu.Lock()
	r := p.labs[lab]
	p.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.snapshot(p.cfg.Clock.Now())
}

// wanted pairs the named evidence with its adapters.
func (p *Pool) wanted(subject Subject, names []string) []wish {
	isNamed := make(map[string]bool, len(names))
	for _, name := range names {
		isNamed[name] = true
	}
	var wishes []wish
	for i := range subject.Evidence {
		e := &subject.Evidence[i]
		if !isNamed[e.Name] || e.IsWatched() {
			continue
		}
		for a := range p.cfg.Adapters {
			if p.cfg.Adapters[a].Selects(e) {
				wishes = append(wishes, wish{evidence: e, adapter: &p.cfg.Adapters[a]})
				break
			}
		}
	}
	return wishes
}

// begin starts the round of a lab. The caller holds the lock.
func (p *Pool) begin(r *round) {
	if p.run == nil {
		return
	}
	ctx, stop := context.WithCancel(p.run)
	r.stop = stop
	p.rounds.Go(func() {
		defer stop()
		r.walk(ctx)
	})
}

// end stops the round of a lab. The caller holds the lock.
func (p *Pool) end(lab types.NamespacedName, r *round) {
	delete(p.labs, lab)
	if r.stop != nil {
		r.stop()
	}
}

// enter waits for a place among the looks that are taken at the same time. Services that hang have places of their own,
// so that they take none from the others.
func (p *Pool) enter(ctx context.Context, hung bool) (leave func(), err error) {
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
