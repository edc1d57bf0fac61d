package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rehearsals are lives without mishaps besides the first.
const rehearsals = 3

// script is what comes out of a life without mishaps, and what every such life does on the way.
type script struct {
	scenes map[string]scene
	census census
	// writes are those of the first life, in order. Those that not every life has depend on how fast the cluster is.
	writes []point
	// events are those that every life is told, and reads the kinds of reads that every life does.
	events, reads []point
	// regular are the writes that every life has.
	regular map[point]bool
}

// write lives without mishaps until it is clear what such a life is like.
func write(ctx context.Context, free chan *stage) (*script, error) {
	s := <-free
	model := newLife(s, "undisturbed", fate{}, nil)
	err := model.run(ctx)
	free <- s
	if err != nil {
		return nil, fmt.Errorf("the life without mishaps: %w", err)
	}
	script := &script{scenes: model.seen, census: model.counted, writes: model.rules.writes.trace}
	others := make([]*life, rehearsals)
	err = together(rehearsals, func(i int) error {
		s := <-free
		defer func() { free <- s }()
		others[i] = newLife(s, "rehearsal", fate{}, script)
		return others[i].run(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("another life without mishaps: %w", err)
	}
	script.regular, script.events, script.reads = setOf(script.writes), model.rules.events.trace, sorted(model.rules.reads.known)
	for _, other := range others {
		keep(script.regular, setOf(other.rules.writes.trace))
		script.events = both(script.events, setOf(other.rules.events.trace))
		script.reads = both(script.reads, other.rules.reads.known)
	}
	return script, nil
}

// regularWrites are the writes that every life has, in order.
func (s *script) regularWrites() []point { return both(s.writes, s.regular) }

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

// keep leaves in a set what is in another as well.
func keep(set, other map[point]bool) {
	maps.DeleteFunc(set, func(at point, _ bool) bool { return !other[at] })
}

// both are the points that are in a set as well.
func both(points []point, set map[point]bool) []point {
	return slices.DeleteFunc(slices.Clone(points), func(at point) bool { return !set[at] })
}

// without are the points that are not in a set.
func without(points []point, set map[point]bool) []point {
	return slices.DeleteFunc(slices.Clone(points), func(at point) bool { return set[at] })
}
