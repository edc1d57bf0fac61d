package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
)

// faultPlan is what goes wrong in a run. The zero value is nothing.
type faultPlan struct {
	// writes are the faults of writes, and followUps those of later ones.
	writes    writePlan
	followUps map[point]followUp
	// reads is the fault of the first read of each kind in each step.
	reads fault
	// watches is the fault of watches. One that relists applies to the events in targets.
	watches watchFault
	targets map[point]bool
	// seed is that of all random choices.
	seed uint64
	// external is what somebody else does at the end of a step. It returns what that adds to the
	// object counts.
	external func(ctx context.Context, r *scenarioRun) (objectCounts, error)
}

// injector injects the faults of a plan into the requests and events of one run.
type injector struct {
	lab     string
	writes  *writeInjector
	reads   *readInjector
	watches *watchInjector

	mu   sync.Mutex
	errs []error
}

var _ proxy.Rules = (*injector)(nil)

func newInjector(lab string, f faultPlan, actions actions) *injector {
	writes := writePlan{}
	for at, fault := range f.writes {
		writes[at] = fault
	}
	return &injector{
		lab:    lab,
		writes: &writeInjector{plan: writes, followUps: f.followUps, actions: actions, injected: map[point]bool{}},
		reads:  &readInjector{fault: f.reads, seen: map[point]bool{}},
		watches: &watchInjector{
			fault: f.watches, targets: f.targets, random: rand.New(rand.NewPCG(f.seed, 0)),
			seen: map[string]bool{}, count: map[string]int{}, injected: map[point]bool{},
		},
	}
}

// startStep starts a step of the scenario. After the last one, without a name, nothing is injected
// or traced.
func (in *injector) startStep(step string) {
	in.writes.startStep(step)
	in.reads.startStep(step)
	in.watches.startStep(step)
}

// Request is called for every request before it is sent on.
func (in *injector) Request(req *http.Request, body []byte) (proxy.Fault, proxy.ResponseHook) {
	info, err := parseRequest(req, in.lab)
	switch {
	case err != nil:
		in.reportError(err)
		return proxy.None, nil
	case info == nil:
		return proxy.None, nil
	case info.write:
		return in.writes.request(info.what, body)
	default:
		return in.reads.request(info.what)
	}
}

// Event is called for every event of a watch before it is passed on.
func (in *injector) Event(req *http.Request, event proxy.Event) proxy.EventAction {
	info, err := parseRequest(req, in.lab)
	if err != nil {
		in.reportError(err)
	}
	if info == nil {
		return proxy.EventAction{}
	}
	return in.watches.event(info.what, event, in.lab)
}

// reportError keeps an error of the harness itself, which fails the run.
func (in *injector) reportError(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.errs = append(in.errs, fmt.Errorf("the proxy: %w", err))
}

func (in *injector) err() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return errors.Join(in.errs...)
}
