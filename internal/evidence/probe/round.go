package probe

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// wish is a piece of evidence that is wanted, with the adapter that reads it.
type wish struct {
	evidence *v1alpha1.Evidence
	adapter  *Adapter
}

// round goes over the services of one lab, one look at a time.
type round struct {
	pool        *Pool
	lab         types.NamespacedName
	namespace   string
	environment string
	reach       Reach
	// stop ends it. It is nil while the pool has not been started; the pool's lock guards it.
	stop context.CancelFunc
	// wake has room for one: there is something to do earlier than thought.
	wake chan struct{}

	mu     sync.Mutex
	sights []*sight
}

// sight is what is known of one service.
type sight struct {
	wish
	// due is when the next look is to be taken, began when the last one was.
	due, began time.Time
	seen       check.Observation
	// hung says that the last look found no answer in time.
	hung bool
	// faultSince is when a fault of ours began to keep us from looking, zero while none does.
	faultSince time.Time
	fault      *Fault
}

func newRound(pool *Pool, lab types.NamespacedName, subject Subject) *round {
	return &round{
		pool: pool, lab: lab, namespace: subject.Namespace, environment: subject.Environment,
		reach: pool.cfg.Reach(subject.Namespace), wake: make(chan struct{}, 1),
	}
}

// adopt makes the round about these wishes. What is known of those that stay, stays.
func (r *round) adopt(wishes []wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := make(map[string]*sight, len(r.sights))
	for _, s := range r.sights {
		known[s.evidence.Name] = s
	}
	sights := make([]*sight, 0, len(wishes))
	news := len(wishes) != len(r.sights)
	for _, w := range wishes {
		s := known[w.evidence.Name]
		if s == nil || !sameSource(s.evidence, w.evidence) {
			s, news = &sight{wish: w}, true
		}
		sights = append(sights, s)
	}
	r.sights = sights
	if news {
		r.wakeUp()
	}
}

func (r *round) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// nudge makes every look due as early as it may be.
func (r *round) nudge() {
	now := r.pool.cfg.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	earlier := false
	for _, s := range r.sights {
		if at := latest(now, s.began.Add(nudgeEvery)); at.Before(s.due) {
			s.due, earlier = at, true
		}
	}
	if earlier {
		r.wakeUp()
	}
}

// walk takes looks until the context ends.
func (r *round) walk(ctx context.Context) {
	for {
		s, in := r.next()
		if s == nil || in > 0 {
			if !r.rest(ctx, s != nil, in) {
				return
			}
			continue
		}
		leave, err := r.pool.enter(ctx, s.hung)
		if err != nil {
			return
		}
		r.look(ctx, s)
		leave()
	}
}

// next is what to look at next, and in what time.
func (r *round) next() (s *sight, in time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, candidate := range r.sights {
		if s == nil || candidate.due.Before(s.due) {
			s = candidate
		}
	}
	if s == nil {
		return nil, 0
	}
	return s, s.due.Sub(r.pool.cfg.Clock.Now())
}

// rest waits until a time has passed, if it is for some time, or there is something to do. It is false at the end.
func (r *round) rest(ctx context.Context, timed bool, in time.Duration) bool {
	var over <-chan time.Time
	if timed {
		timer := r.pool.cfg.Clock.NewTimer(in)
		defer timer.Stop()
		over = timer.C()
	}
	select {
	case <-ctx.Done():
		return false
	case <-r.wake:
	case <-over:
	}
	return true
}

// look takes one look, and tells when it is news.
func (r *round) look(ctx context.Context, s *sight) {
	began := r.pool.cfg.Clock.Now()
	values, err := take(ctx, r.pool.cfg.Log.WithValues("lab", r.lab), r.reach, s.wish)
	if ctx.Err() != nil {
		return
	}
	if r.note(s, began, values, err) {
		r.pool.cfg.Notify(r.lab)
	}
}

// note keeps what a look found, and tells whether it is news.
func (r *round) note(s *sight, began time.Time, values map[string]any, err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.pool.cfg.Clock.Now()
	s.began, s.due = began, latest(now, began.Add(every(s.evidence)))
	before := s.observation(now)
	fault := faultOf(err)
	if fault != nil {
		r.pool.cfg.Failed(fault.Lasting)
		if s.faultSince.IsZero() {
			s.faultSince = now
		}
		s.fault = fault
		return before.State != s.observation(now).State
	}
	s.fault, s.faultSince = nil, time.Time{}
	s.hung = reasonOf(err) == TimedOut
	next := check.Observation{State: check.Seen, Value: evidenceOf(s.adapter.Name, values, err), At: began, Since: began}
	if s.seen.State == check.Seen && began.Sub(s.seen.At) <= s.patience() && before.State == check.Seen {
		next.Since = s.seen.Since
	}
	s.seen = next
	return before.State != check.Seen || !same(before.Value, next.Value)
}

// patience is how old a look may be before nothing is known any more.
func (s *sight) patience() time.Duration {
	return 3*every(s.evidence) + timeOf(s.wish)
}

// observation is what is known at a moment.
func (s *sight) observation(now time.Time) check.Observation {
	switch {
	case s.fault != nil && s.fault.Lasting && now.Sub(s.faultSince) >= faultGrace:
		return check.Observation{State: check.Failed, Detail: s.fault.Message}
	case s.seen.State != check.Seen:
		return check.Observation{State: check.NotSynced, Detail: fmt.Sprintf("%s has not been looked at yet", s.evidence.Name)}
	case now.Sub(s.seen.At) > s.patience():
		return check.Observation{State: check.NotSynced, Detail: fmt.Sprintf("%s could not be looked at for some time", s.evidence.Name)}
	}
	return s.seen
}

func (r *round) snapshot(now time.Time) check.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	snapshot := make(check.Snapshot, len(r.sights))
	for _, s := range r.sights {
		snapshot[s.evidence.Name] = s.observation(now)
	}
	return snapshot
}

// every is how often a service is looked at.
func every(e *v1alpha1.Evidence) time.Duration {
	if e.Every == nil || e.Every.Duration < nudgeEvery {
		return defaultEvery
	}
	return e.Every.Duration
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
