package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/test/world"
)

// tries is how often a life is repeated that did not come to its crash, because it wrote less than the traced one.
const tries = 3

const (
	randomLives = 5
	// kills is how many operators die in each of them. A task that has to hold for a second needs one that lives longer.
	kills = 8
)

// start brings up an API server with the catalog in it.
func start(t *testing.T) *world.World {
	t.Helper()
	// Operators that die complain, and nobody is interested.
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	w, err := world.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	if err := publish(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestCrashAtEveryWrite(t *testing.T) {
	w := start(t)
	began := time.Now()
	model := newLife(w, "undisturbed", nil, nil)
	if err := model.run(t.Context()); err != nil {
		t.Fatalf("the life without crashes: %v", err)
	}
	points := model.tracer.written()
	undisturbed := time.Since(began)
	hit, again := 0, 0
	for i, at := range points {
		plans := map[string]crash{"before": {at: at}, "after": {at: at, after: true}}
		for when, plan := range plans {
			t.Run(plan.String(), func(t *testing.T) {
				repeats, err := crashOnce(t.Context(), w, fmt.Sprintf("%s-%d", when, i), plan, model.seen)
				again += repeats
				if err != nil {
					t.Fatal(err)
				}
				hit++
			})
		}
	}
	t.Logf("crash points: %d of %d hit (%d writes, before and after) in %s; %d lives repeated that had wandered off; %s without crashes",
		hit, 2*len(points), len(points), time.Since(began).Round(time.Second), again, undisturbed.Round(time.Millisecond))
}

// crashOnce lives until the crash has come, and tells how often it had to begin again.
func crashOnce(ctx context.Context, w *world.World, name string, plan crash, want map[string]scene) (repeats int, err error) {
	for ; repeats < tries; repeats++ {
		l := newLife(w, fmt.Sprintf("%s-%d", name, repeats), &plan, want)
		if err = l.run(ctx); !errors.Is(err, errMissed) {
			if err == nil && l.operators.starts() < 2 {
				err = errors.New("the operator was not killed")
			}
			return repeats, err
		}
	}
	return repeats, err
}

func TestKilledAtRandom(t *testing.T) {
	w := start(t)
	model := newLife(w, "undisturbed", nil, nil)
	if err := model.run(t.Context()); err != nil {
		t.Fatalf("the life without crashes: %v", err)
	}
	for i := range randomLives {
		seed := rand.Uint64()
		l := newLife(w, fmt.Sprintf("random-%d", i), nil, model.seen)
		ctx, cancel := context.WithCancel(t.Context())
		killed := make(chan int, 1)
		go func() { killed <- killAtRandom(ctx, l.operators, rand.New(rand.NewPCG(seed, 0))) }()
		err := l.run(t.Context())
		cancel()
		if err != nil {
			t.Errorf("killed with seed %d: %v", seed, err)
		}
		t.Logf("seed %d: killed %d times", seed, <-killed)
	}
}

// killAtRandom kills some operators one after the other, and tells how many it were when the context ended.
func killAtRandom(ctx context.Context, victims *operators, random *rand.Rand) (killed int) {
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
