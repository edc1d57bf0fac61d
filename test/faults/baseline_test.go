package faults

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// calibrationRuns is the number of runs without faults after the first.
const calibrationRuns = 3

// baseline is the outcome of a run without faults, and what every such run does on the way.
type baseline struct {
	snapshots map[string]snapshot
	counts    objectCounts
	// writes are those of the first run, in order. Those that are not in every run depend on how
	// fast the cluster is.
	writes []point
	// events are those that the watches of every run deliver, and reads the kinds of reads that
	// every run does.
	events, reads []point
	// stable are the writes of every run.
	stable map[point]bool
}

// calibrate runs the scenario without faults, and keeps what all runs have in common.
func calibrate(ctx context.Context, free chan *environment) (*baseline, error) {
	env := <-free
	calibration := newRun(env, "baseline", faultPlan{}, nil)
	err := calibration.runScenario(ctx)
	free <- env
	if err != nil {
		return nil, fmt.Errorf("run without faults: %w", err)
	}
	base := &baseline{snapshots: calibration.snapshots, counts: calibration.counts, writes: calibration.injector.writes.trace}
	others := make([]*scenarioRun, calibrationRuns)
	err = inParallel(calibrationRuns, func(i int) error {
		env := <-free
		defer func() { free <- env }()
		others[i] = newRun(env, "calibration", faultPlan{}, base)
		return others[i].runScenario(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("run without faults again: %w", err)
	}
	base.stable, base.events, base.reads = setOf(base.writes), calibration.injector.watches.trace, sorted(calibration.injector.reads.seen)
	for _, other := range others {
		intersect(base.stable, setOf(other.injector.writes.trace))
		base.events = intersection(base.events, setOf(other.injector.watches.trace))
		base.reads = intersection(base.reads, other.injector.reads.seen)
	}
	return base, nil
}

// stableWrites returns the writes of every run, in order.
func (b *baseline) stableWrites() []point { return intersection(b.writes, b.stable) }

func setOf(points []point) map[point]bool {
	set := make(map[point]bool, len(points))
	for _, at := range points {
		set[at] = true
	}
	return set
}

func sorted(set map[point]bool) []point {
	return slices.SortedFunc(maps.Keys(set), func(a, b point) int { return strings.Compare(a.String(), b.String()) })
}

// intersect removes from a set what is not in another.
func intersect(set, other map[point]bool) {
	maps.DeleteFunc(set, func(at point, _ bool) bool { return !other[at] })
}

// intersection returns the points that are in a set, in their order.
func intersection(points []point, set map[point]bool) []point {
	return slices.DeleteFunc(slices.Clone(points), func(at point) bool { return !set[at] })
}

// difference returns the points that are not in a set.
func difference(points []point, set map[point]bool) []point {
	return slices.DeleteFunc(slices.Clone(points), func(at point) bool { return set[at] })
}
