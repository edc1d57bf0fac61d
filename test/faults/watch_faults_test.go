package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
)

// relistsPerRun bounds how often one watch is relisted: a client waits longer each time.
const relistsPerRun = 2

// TestWatchesCut ends every watch after every event.
func TestWatchesCut(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	injected := p.retryUntilInjected(t, p.baseline.events, func([]point, string) map[point]bool {
		return p.runWithWatchFault(t, faultPlan{watches: watchCut})
	})
	report(t, "watches cut: after %d events, %d of them in every run", len(injected), len(p.baseline.events))
}

// TestEventsDelayed delays every event, so that no two watches know the same.
func TestEventsDelayed(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	seed := rand.Uint64()
	injected := p.retryUntilInjected(t, p.baseline.events, func([]point, string) map[point]bool {
		return p.runWithWatchFault(t, faultPlan{watches: eventDelayed, seed: seed})
	})
	report(t, "events delayed: %d, %d of them in every run (seed %d)", len(injected), len(p.baseline.events), seed)
}

// TestWatchesRelisted has the client list again after every event.
func TestWatchesRelisted(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	injected := p.retryUntilInjected(t, p.baseline.events, func(left []point, name string) map[point]bool {
		return p.relistAll(t, left, name)
	})
	report(t, "watches relisted: after %d events, %d of them in every run", len(injected), len(p.baseline.events))
}

// runWithWatchFault runs the scenario and returns the events at which the fault was injected.
func (p *pool) runWithWatchFault(t *testing.T, f faultPlan) map[point]bool {
	t.Helper()
	r, err := p.runScenario(t, string(f.watches), f)
	if err != nil {
		t.Fatalf("%s, seed %d: %v", f.watches, f.seed, err)
	}
	return r.injector.watches.injected
}

// relistAll runs the scenario as often as needed to have all these events end their watch.
func (p *pool) relistAll(t *testing.T, points []point, name string) map[point]bool {
	t.Helper()
	injected := map[point]bool{}
	byStream := map[string][]point{}
	runs := 0
	for _, at := range points {
		stream := streamOf(at)
		byStream[stream] = append(byStream[stream], at)
		runs = max(runs, (len(byStream[stream])+relistsPerRun-1)/relistsPerRun)
	}
	targets := make([]map[point]bool, runs)
	for i := range targets {
		targets[i] = map[point]bool{}
	}
	for _, points := range byStream {
		for i, at := range points {
			targets[i%runs][at] = true
		}
	}
	var mu sync.Mutex
	t.Run(name, func(t *testing.T) {
		for i, targets := range targets {
			t.Run(fmt.Sprintf("run %d of %d", i+1, runs), func(t *testing.T) {
				t.Parallel()
				r, err := p.runScenario(t, "relisted", faultPlan{watches: watchExpired, targets: targets})
				if err != nil {
					t.Fatalf("relisted after %s: %v", joinPoints(sorted(targets)), err)
				}
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(injected, r.injector.watches.injected)
			})
		}
	})
	return injected
}
