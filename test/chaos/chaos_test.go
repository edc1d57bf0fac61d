package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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
	// rehearsals are lives without crashes besides the model.
	rehearsals = 3
	// randomLives are those in which operators die at any time.
	randomLives = 5
	// kills is how many operators die in each of them. What has to hold needs one that lives longer.
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

func TestCrashes(t *testing.T) {
	w := start(t)
	began := time.Now()
	model := newLife(w, "undisturbed", nil, nil)
	if err := model.run(t.Context()); err != nil {
		t.Fatalf("the life without crashes: %v", err)
	}
	t.Logf("a life without crashes has %d writes", len(model.tracer.written()))
	t.Run("at every write", func(t *testing.T) { crashAtEveryWrite(t, w, model) })
	t.Run("at random", func(t *testing.T) { crashAtRandom(t, w, model) })
	t.Logf("%s in all", time.Since(began).Round(time.Second))
}

// crashAtEveryWrite lives once for every write of the model and every way to crash there. A write that every life
// has must be come to; one that depends on how fast the cluster answers is tried as well, and may be missed.
func crashAtEveryWrite(t *testing.T, w *world.World, model *life) {
	regular := rehearse(t, w, model)
	points := model.tracer.written()
	var hit, again, sometimes, sometimesHit int
	for i, at := range points {
		plans := map[string]crash{"before": {at: at}, "after": {at: at, after: true}}
		for when, plan := range plans {
			t.Run(plan.String(), func(t *testing.T) {
				repeats, err := crashOnce(t.Context(), w, fmt.Sprintf("%s-%d", when, i), plan, model.seen)
				again += repeats
				switch {
				case err == nil && regular[at]:
					hit++
				case err == nil:
					sometimesHit++
				case regular[at] || !errors.Is(err, errMissed):
					t.Fatal(err)
				}
			})
		}
		if !regular[at] {
			sometimes++
		}
	}
	t.Logf("crash points: %d of %d hit (%d writes, before and after); of %d writes that not every life has, %d of %d; %d lives repeated that went another way",
		hit, 2*(len(points)-sometimes), len(points)-sometimes, sometimes, sometimesHit, 2*sometimes, again)
}

// rehearse finds the writes of the model that come in other lives without crashes too.
func rehearse(t *testing.T, w *world.World, model *life) map[point]bool {
	t.Helper()
	regular := map[point]bool{}
	for _, at := range model.tracer.written() {
		regular[at] = true
	}
	for i := range rehearsals {
		l := newLife(w, fmt.Sprintf("rehearsal-%d", i), nil, model.seen)
		if err := l.run(t.Context()); err != nil {
			t.Fatalf("another life without crashes: %v", err)
		}
		written := l.tracer.written()
		maps.DeleteFunc(regular, func(at point, _ bool) bool { return !slices.Contains(written, at) })
	}
	return regular
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

// crashAtRandom lives some lives in which operators die at any time, also while they repair what another left.
func crashAtRandom(t *testing.T, w *world.World, model *life) {
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
