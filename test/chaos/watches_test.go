package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
)

// relistsInOneLife bounds how often one watch has to begin anew: a client waits longer each time.
const relistsInOneLife = 2

// TestWatchesAreCut ends every watch behind every event.
func TestWatchesAreCut(t *testing.T) {
	t.Parallel()
	h := enter(t)
	happened := h.insist(t, h.script.events, func([]point, string) map[point]bool {
		return h.hear(t, fate{news: newsCut})
	})
	count(t, "watches cut: behind %d events, those of every life are %d", len(happened), len(h.script.events))
}

// TestEventsAreDelayed holds every event back for a while, so that no two watches know the same.
func TestEventsAreDelayed(t *testing.T) {
	t.Parallel()
	h := enter(t)
	seed := rand.Uint64()
	happened := h.insist(t, h.script.events, func([]point, string) map[point]bool {
		return h.hear(t, fate{news: newsDelayed, seed: seed})
	})
	count(t, "events delayed: %d, those of every life are %d (seed %d)", len(happened), len(h.script.events), seed)
}

// TestWatchesBeginAnew has the client list again behind every event.
func TestWatchesBeginAnew(t *testing.T) {
	t.Parallel()
	h := enter(t)
	happened := h.insist(t, h.script.events, func(left []point, name string) map[point]bool {
		return h.relist(t, left, name)
	})
	count(t, "watches relisted: behind %d events, those of every life are %d", len(happened), len(h.script.events))
}

// hear lives a life and returns the events to which something happened.
func (h *house) hear(t *testing.T, f fate) map[point]bool {
	t.Helper()
	l, err := h.play(t, string(f.news), f)
	if err != nil {
		t.Fatalf("%s, seed %d: %v", f.news, f.seed, err)
	}
	return l.rules.events.happened
}

// relist lives as many lives as it takes to have all these events end their watch.
func (h *house) relist(t *testing.T, points []point, name string) map[point]bool {
	t.Helper()
	happened := map[point]bool{}
	byStream := map[string][]point{}
	lives := 0
	for _, at := range points {
		stream := streamOf(at)
		byStream[stream] = append(byStream[stream], at)
		lives = max(lives, (len(byStream[stream])+relistsInOneLife-1)/relistsInOneLife)
	}
	targets := make([]map[point]bool, lives)
	for i := range targets {
		targets[i] = map[point]bool{}
	}
	for _, points := range byStream {
		for i, at := range points {
			targets[i%lives][at] = true
		}
	}
	var mu sync.Mutex
	t.Run(name, func(t *testing.T) {
		for i, targets := range targets {
			t.Run(fmt.Sprintf("life %d of %d", i+1, lives), func(t *testing.T) {
				t.Parallel()
				l, err := h.play(t, "relisted", fate{news: newsRelisted, targets: targets})
				if err != nil {
					t.Fatalf("relisted behind %s: %v", list(sorted(targets)), err)
				}
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(happened, l.rules.events.happened)
			})
		}
	})
	return happened
}
