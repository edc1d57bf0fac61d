package faults

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
	// crashPairs is the number of crashes of an operator that has to repair what another crash
	// left.
	crashPairs = 36
	// crashPairsPerRun keeps the pairs of a run apart from each other.
	crashPairsPerRun = 3
	// randomRuns is the number of runs in which operators crash at any time.
	randomRuns = 5
	// crashesPerRandomRun is how many operators crash in such a run. A hold needs an operator that
	// lives longer.
	crashesPerRandomRun = 8
)

func TestCrashes(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	// One crash per run, so that no other restart can repair what it broke.
	p.sweepAll(t, "crash points", []fault{crashBefore, crashAfter}, 1)
}

// TestCrashPairs crashes the next operator too, at one of its first writes.
func TestCrashPairs(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var injected, missed atomic.Int32
	t.Run("runs", func(t *testing.T) {
		for i := range crashPairs / crashPairsPerRun {
			f := p.baseline.randomCrashPairs(random)
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				r, err := p.runScenario(t, "pairs", f)
				if err != nil {
					t.Fatalf("seed %d, %v, then %v: %v", seed, f.writes, f.followUps, err)
				}
				left := len(r.injector.writes.pending)
				injected.Add(int32(len(r.injector.writes.injected)-left) / 2)
				missed.Add(int32(left))
			})
		}
	})
	if got := injected.Load(); got < crashPairs/2 && !t.Failed() {
		t.Errorf("seed %d: of %d pairs of crashes only %d were injected", seed, crashPairs, got)
	}
	report(t, "pairs of crashes: %d of %d planned (seed %d); of %d there was no second write", injected.Load(), crashPairs, seed, missed.Load())
}

// randomCrashPairs plans crashes at some writes, each in a step of its own, and at one of the
// writes that follow.
func (b *baseline) randomCrashPairs(random *rand.Rand) faultPlan {
	f := faultPlan{writes: writePlan{}, followUps: map[point]followUp{}}
	either := func() fault { return []fault{crashBefore, crashAfter}[random.IntN(2)] }
	var used []string
	for len(f.writes) < crashPairsPerRun {
		at := b.writes[random.IntN(len(b.writes))]
		if !b.stable[at] || at.Step == deletionStep || slices.Contains(used, at.Step) {
			continue
		}
		used = append(used, at.Step)
		f.writes[at] = either()
		f.followUps[at] = followUp{nth: 1 + random.IntN(3), fault: either()}
	}
	return f
}

// TestRandomCrashes crashes operators at any time, also while they repair what an earlier crash
// left.
func TestRandomCrashes(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	var killed atomic.Int32
	seeds := make([]uint64, randomRuns)
	t.Run("runs", func(t *testing.T) {
		for i := range seeds {
			seeds[i] = rand.Uint64()
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				env := <-p.free
				defer func() { p.free <- env }()
				r := newRun(env, "random", faultPlan{}, p.baseline)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					killed.Add(crashAtRandom(ctx, r.operators, rand.New(rand.NewPCG(seeds[i], 0))))
				}()
				err := r.runScenario(t.Context())
				cancel()
				<-ended
				if err != nil {
					t.Fatalf("crashed with seed %d: %v", seeds[i], err)
				}
			})
		}
	})
	report(t, "random crashes: %d in %d runs (seeds %v)", killed.Load(), randomRuns, seeds)
}

// crashAtRandom crashes some operators one after the other, and returns how many when the context
// ends.
func crashAtRandom(ctx context.Context, operators *operators, random *rand.Rand) (killed int32) {
	for killed < crashesPerRandomRun {
		pause := time.Duration(random.IntN(600)) * time.Millisecond
		select {
		case <-ctx.Done():
			return killed
		case <-time.After(pause):
			operators.crash()
			killed++
		}
	}
	return killed
}
