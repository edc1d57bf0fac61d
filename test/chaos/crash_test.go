package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// pairs are crashes of an operator that has to repair what another left.
	pairs = 36
	// pairsInOneLife keeps them apart from each other.
	pairsInOneLife = 3
	// randomLives are those in which operators die at any time.
	randomLives = 5
	// kills is how many operators die in each of them. What has to hold needs one that lives longer.
	kills = 8
)

func TestCrashes(t *testing.T) {
	t.Parallel()
	h := enter(t)
	// One crash in a life, so that nothing else can mend what it broke.
	h.campaigns(t, "crash points", []mishap{crashBefore, crashAfter}, 1)
}

// TestPairsOfCrashes kills the next operator too, at one of the first writes that it does.
func TestPairsOfCrashes(t *testing.T) {
	t.Parallel()
	h := enter(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var happened, missed atomic.Int32
	t.Run("lives", func(t *testing.T) {
		for i := range pairs / pairsInOneLife {
			f := h.script.somePairs(random)
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				l, err := h.play(t, "pairs", f)
				if err != nil {
					t.Fatalf("seed %d, %v, then %v: %v", seed, f.plan, f.sequels, err)
				}
				left := len(l.rules.writes.pending)
				happened.Add(int32(len(l.rules.writes.happened)-left) / 2)
				missed.Add(int32(left))
			})
		}
	})
	if got := happened.Load(); got < pairs/2 && !t.Failed() {
		t.Errorf("seed %d: of %d pairs of crashes only %d came", seed, pairs, got)
	}
	count(t, "pairs of crashes: %d of %d planned (seed %d); of %d there was no second write", happened.Load(), pairs, seed, missed.Load())
}

// somePairs plans crashes at some writes, each in a step of its own, and at one of the next writes.
func (s *script) somePairs(random *rand.Rand) fate {
	f := fate{plan: plan{}, sequels: map[point]sequel{}}
	either := func() mishap { return []mishap{crashBefore, crashAfter}[random.IntN(2)] }
	var used []string
	for len(f.plan) < pairsInOneLife {
		at := s.writes[random.IntN(len(s.writes))]
		if !s.regular[at] || at.Step == deletion || slices.Contains(used, at.Step) {
			continue
		}
		used = append(used, at.Step)
		f.plan[at] = either()
		f.sequels[at] = sequel{nth: 1 + random.IntN(3), mishap: either()}
	}
	return f
}

// TestCrashesAtRandom has operators die at any time, also while they repair what another left.
func TestCrashesAtRandom(t *testing.T) {
	t.Parallel()
	h := enter(t)
	var killed atomic.Int32
	seeds := make([]uint64, randomLives)
	t.Run("lives", func(t *testing.T) {
		for i := range seeds {
			seeds[i] = rand.Uint64()
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				s := <-h.free
				defer func() { h.free <- s }()
				l := newLife(s, "random", fate{}, h.script)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					killed.Add(killAtRandom(ctx, l.operators, rand.New(rand.NewPCG(seeds[i], 0))))
				}()
				err := l.run(t.Context())
				cancel()
				<-ended
				if err != nil {
					t.Fatalf("killed with seed %d: %v", seeds[i], err)
				}
			})
		}
	})
	count(t, "operators killed at random: %d in %d lives (seeds %v)", killed.Load(), randomLives, seeds)
}

// killAtRandom kills some operators one after the other, and tells how many it were when the context ended.
func killAtRandom(ctx context.Context, victims *operators, random *rand.Rand) (killed int32) {
	for killed < kills {
		pause := time.Duration(random.IntN(600)) * time.Millisecond
		select {
		case <-ctx.Done():
			return killed
		case <-time.After(pause):
			victims.kill()
			killed++
		}
	}
	return killed
}
