package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
)

// fate is what is to happen in a life. The zero value is nothing.
type fate struct {
	// plan is what happens to writes, and sequels to later ones.
	plan    plan
	sequels map[point]sequel
	// reads is how the first read of each kind is answered in each step.
	reads mishap
	// news is what happens to the events of watches; for a relist, to those in targets.
	news    news
	targets map[point]bool
	// seed is where what is random comes from.
	seed uint64
	// meddle is what somebody else does when a step has come to its end. It returns what that adds to the census.
	meddle func(ctx context.Context, l *life) (census, error)
}

// rules have the fate come true for the requests and events of one life.
type rules struct {
	lab    string
	writes *writes
	reads  *reads
	events *events

	mu     sync.Mutex
	broken []error
}

var _ proxy.Rules = (*rules)(nil)

func newRules(lab string, f fate, hands hands) *rules {
	planned := plan{}
	for at, mishap := range f.plan {
		planned[at] = mishap
	}
	return &rules{
		lab:    lab,
		writes: &writes{plan: planned, sequels: f.sequels, hands: hands, happened: map[point]bool{}},
		reads:  &reads{fault: f.reads, known: map[point]bool{}},
		events: &events{
			news: f.news, targets: f.targets, random: rand.New(rand.NewPCG(f.seed, 0)),
			told: map[string]bool{}, count: map[string]int{}, happened: map[point]bool{},
		},
	}
}

// enter begins a step of the life. Without a name there is nothing to note any more.
func (r *rules) enter(step string) {
	r.writes.enter(step)
	r.reads.enter(step)
	r.events.enter(step)
}

// Request is asked about every request before it is sent on.
func (r *rules) Request(req *http.Request, body []byte) (proxy.Fault, proxy.After) {
	asked, err := understand(req, r.lab)
	switch {
	case err != nil:
		r.complain(err)
		return proxy.None, nil
	case asked == nil:
		return proxy.None, nil
	case asked.write:
		return r.writes.request(asked.what, body)
	default:
		return r.reads.request(asked.what)
	}
}

// Event is asked about every event of a watch before it is passed on.
func (r *rules) Event(req *http.Request, event proxy.Event) proxy.Turn {
	asked, err := understand(req, r.lab)
	if err != nil {
		r.complain(err)
	}
	if asked == nil {
		return proxy.Turn{}
	}
	return r.events.event(asked.what, event, r.lab)
}

// complain notes what a test must not hide.
func (r *rules) complain(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = append(r.broken, fmt.Errorf("the proxy: %w", err))
}

func (r *rules) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.broken...)
}
