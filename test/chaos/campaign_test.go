package chaos

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
)

// tries is how often a mishap is planned again for a write that a life did not come to, because it went another way.
const tries = 3

// insist tries until something has happened at all these points, each of which every life comes to. Try is told what
// is left, and returns at what it happened.
func (h *house) insist(t *testing.T, points []point, try func(left []point, name string) map[point]bool) map[point]bool {
	t.Helper()
	happened := map[point]bool{}
	left := points
	for i := range tries {
		maps.Copy(happened, try(left, fmt.Sprintf("try %d", i+1)))
		if left = without(points, happened); len(left) == 0 || t.Failed() {
			return happened
		}
	}
	t.Errorf("never came: %s", list(left))
	return happened
}

// campaign has a mishap happen at every write of the script, and returns those at which it did. A write that depends
// on how fast the cluster is gets one try and may be missed.
func (h *house) campaign(t *testing.T, mishap mishap, inOneLife int) map[point]bool {
	t.Helper()
	writes := h.script.writes
	return h.insist(t, h.script.regularWrites(), func(left []point, name string) map[point]bool {
		if len(left) < len(h.script.regular) {
			writes = left
		}
		return h.round(t, mishap, spread(writes, inOneLife), name)
	})
}

// campaigns does so with several mishaps, and counts.
func (h *house) campaigns(t *testing.T, what string, mishaps []mishap, inOneLife int) {
	t.Helper()
	told := make([]string, len(mishaps))
	t.Run("by", func(t *testing.T) {
		for i, mishap := range mishaps {
			t.Run(string(mishap), func(t *testing.T) {
				t.Parallel()
				told[i] = fmt.Sprintf("%s %s", mishap, h.script.tell(h.campaign(t, mishap, inOneLife)))
			})
		}
	})
	count(t, "%s: %s", what, strings.Join(told, "; "))
}

// round lives a life for every group of writes, and returns those at which the mishap happened.
func (h *house) round(t *testing.T, mishap mishap, groups [][]point, name string) map[point]bool {
	t.Helper()
	happened := map[point]bool{}
	var mu sync.Mutex
	t.Run(fmt.Sprintf("%s, %s", mishap, name), func(t *testing.T) {
		for i, group := range groups {
			t.Run(fmt.Sprintf("life %d of %d", i+1, len(groups)), func(t *testing.T) {
				t.Parallel()
				plan := plan{}
				for _, at := range group {
					plan[at] = mishap
				}
				l, err := h.play(t, mishap.name(), fate{plan: plan})
				if err != nil {
					t.Fatalf("%s at %s: %v", mishap, list(group), err)
				}
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(happened, l.rules.writes.happened)
			})
		}
	})
	return happened
}

// spread puts points into groups of a size, neighbors into different ones.
func spread(points []point, size int) [][]point {
	groups := make([][]point, (len(points)+size-1)/size)
	for i, at := range points {
		groups[i%len(groups)] = append(groups[i%len(groups)], at)
	}
	return groups
}

// tell counts the writes at which something happened: of those that every life has, and of the others.
func (s *script) tell(happened map[point]bool) string {
	regular, others := 0, 0
	for _, at := range s.writes {
		switch {
		case happened[at] && s.regular[at]:
			regular++
		case happened[at]:
			others++
		}
	}
	text := fmt.Sprintf("%d of %d", regular, len(s.regular))
	if irregular := len(s.writes) - len(s.regular); irregular > 0 {
		text += fmt.Sprintf(" (and %d of %d that not every life has)", others, irregular)
	}
	return text
}

// name is a mishap as a part of the name of a Lab.
func (m mishap) name() string { return strings.ReplaceAll(string(m), " ", "-") }

func list(points []point) string {
	texts := make([]string, 0, len(points))
	for _, at := range points {
		texts = append(texts, at.String())
	}
	return strings.Join(texts, ", ")
}
