package performance

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/onsi/gomega"
)

const (
	// pause is how long nothing happens between two single changes.
	pause = 25 * time.Millisecond
	// changesPerSecond come in all while there is load.
	changesPerSecond = 100
	// changesPerLab is how many of them come to one lab at most: a lab that flaps is held back at five a second.
	changesPerLab = 4
)

// response is how fast changes come back, while nothing else happens and while there is load.
type response struct {
	idle, loaded latencies
	// effort is what the load has cost.
	effort effort
}

// respond measures it. Last is told the last word of each lab.
func (h *hall) respond(t *testing.T, e echo, last map[int]int) response {
	t.Helper()
	r := response{idle: e.single(t, h.changes, last)}
	before := h.effort(t)
	r.loaded = e.steady(t, h.load, last)
	r.effort = h.effort(t).minus(before)
	return r
}

// single writes one word after the other, each in another lab.
func (e echo) single(t *testing.T, changes int, last map[int]int) latencies {
	t.Helper()
	return e.measure(t, last, func(ctx context.Context, w *words, write func(i int) error) error {
		next := time.NewTicker(pause)
		defer next.Stop()
		for n := range changes {
			if err := write(n % e.room.size); err != nil {
				return err
			}
			gomega.NewWithT(t).Eventually(w.arrived).WithContext(ctx).WithTimeout(patience).WithPolling(glance / 4).Should(gomega.Equal(n + 1))
			next.Reset(pause)
			<-next.C
		}
		return nil
	})
}

// steady writes words at a steady pace, whether those before have come back or not.
func (e echo) steady(t *testing.T, long time.Duration, last map[int]int) latencies {
	t.Helper()
	return e.measure(t, last, func(_ context.Context, _ *words, write func(i int) error) error {
		rate := min(changesPerSecond, changesPerLab*e.room.size)
		pace := time.NewTicker(time.Second / time.Duration(rate))
		defer pace.Stop()
		var writing sync.WaitGroup
		changes := int(long.Seconds() * float64(rate))
		errs := make(chan error, changes)
		for n := range changes {
			writing.Go(func() { errs <- write(n % e.room.size) })
			<-pace.C
		}
		writing.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errEnough ends a watch that is not needed any more.
var errEnough = errors.New("all has been seen")

// measure listens while words are written, until all have come back.
func (e echo) measure(t *testing.T, last map[int]int, drive func(ctx context.Context, w *words, write func(i int) error) error) latencies {
	t.Helper()
	ctx, enough := context.WithCancelCause(t.Context())
	from, err := watchedIn(ctx, e.room.admin, e.room.namespace, e.list)
	if err != nil {
		t.Fatal(err)
	}
	w := &words{open: map[string][]word{}, next: e.room.spoken}
	listening := make(chan error, 1)
	go func() { listening <- e.listen(ctx, w, from) }()
	var mu sync.Mutex
	sent := 0
	err = drive(ctx, w, func(i int) error {
		number := w.send(e.room.lab(i).Name)
		mu.Lock()
		last[i] = max(last[i], number)
		sent++
		mu.Unlock()
		return e.room.write(ctx, i, number)
	})
	if err != nil {
		t.Fatal(err)
	}
	gomega.NewWithT(t).Eventually(w.arrived).WithTimeout(patience).WithPolling(glance).Should(gomega.Equal(sent))
	enough(errEnough)
	if err := <-listening; !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	e.room.spoken = w.next
	return w.took
}
