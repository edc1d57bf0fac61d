package faults

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
)

// maxTries is how often a fault is planned again for a write that a run did not reach.
const maxTries = 3

// retryUntilInjected calls try until a fault was injected at all these points, each of which every
// run reaches. Try gets the points that are left, and returns those at which it injected a fault.
func (p *pool) retryUntilInjected(t *testing.T, points []point, try func(left []point, name string) map[point]bool) map[point]bool {
	t.Helper()
	injected := map[point]bool{}
	left := points
	for i := range maxTries {
		maps.Copy(injected, try(left, fmt.Sprintf("try %d", i+1)))
		if left = difference(points, injected); len(left) == 0 || t.Failed() {
			return injected
		}
	}
	t.Errorf("never injected at: %s", joinPoints(left))
	return injected
}

// sweep injects a fault at every write of the baseline, and returns those at which it did. A write
// that is not stable gets one try and can be missed.
func (p *pool) sweep(t *testing.T, fault fault, perRun int) map[point]bool {
	t.Helper()
	writes := p.baseline.writes
	return p.retryUntilInjected(t, p.baseline.stableWrites(), func(left []point, name string) map[point]bool {
		if len(left) < len(p.baseline.stable) {
			writes = left
		}
		return p.sweepOnce(t, fault, distribute(writes, perRun), name)
	})
}

// sweepAll does so with several faults, and reports the counts.
func (p *pool) sweepAll(t *testing.T, what string, faults []fault, perRun int) {
	t.Helper()
	summaries := make([]string, len(faults))
	t.Run("by", func(t *testing.T) {
		for i, fault := range faults {
			t.Run(string(fault), func(t *testing.T) {
				t.Parallel()
				summaries[i] = fmt.Sprintf("%s %s", fault, p.baseline.summarize(p.sweep(t, fault, perRun)))
			})
		}
	})
	report(t, "%s: %s", what, strings.Join(summaries, "; "))
}

// sweepOnce runs the scenario for every group of writes, and returns those at which the fault was
// injected.
func (p *pool) sweepOnce(t *testing.T, fault fault, groups [][]point, name string) map[point]bool {
	t.Helper()
	injected := map[point]bool{}
	var mu sync.Mutex
	t.Run(fmt.Sprintf("%s, %s", fault, name), func(t *testing.T) {
		for i, group := range groups {
			t.Run(fmt.Sprintf("run %d of %d", i+1, len(groups)), func(t *testing.T) {
				t.Parallel()
				plan := writePlan{}
				for _, at := range group {
					plan[at] = fault
				}
				r, err := p.runScenario(t, fault.labName(), faultPlan{writes: plan})
				if err != nil {
					t.Fatalf("%s at %s: %v", fault, joinPoints(group), err)
				}
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(injected, r.injector.writes.injected)
			})
		}
	})
	return injected
}

// distribute puts points into groups of a size, neighbors into different ones.
func distribute(points []point, size int) [][]point {
	groups := make([][]point, (len(points)+size-1)/size)
	for i, at := range points {
		groups[i%len(groups)] = append(groups[i%len(groups)], at)
	}
	return groups
}

// summarize counts the writes at which a fault was injected: the stable ones and the others.
func (b *baseline) summarize(injected map[point]bool) string {
	stable, others := 0, 0
	for _, at := range b.writes {
		switch {
		case injected[at] && b.stable[at]:
			stable++
		case injected[at]:
			others++
		}
	}
	text := fmt.Sprintf("%d of %d", stable, len(b.stable))
	if irregular := len(b.writes) - len(b.stable); irregular > 0 {
		text += fmt.Sprintf(" (and %d of %d that are not in every run)", others, irregular)
	}
	return text
}

// labName returns a fault as a part of the name of a Lab.
func (f fault) labName() string { return strings.ReplaceAll(string(f), " ", "-") }

func joinPoints(points []point) string {
	texts := make([]string, 0, len(points))
	for _, at := range points {
		texts = append(texts, at.String())
	}
	return strings.Join(texts, ", ")
}
