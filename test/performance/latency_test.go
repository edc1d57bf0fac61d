package performance

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
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
}

// respond measures it. The last words that were written are kept in the room.
func (e echo) respond(t *testing.T, s settings, last map[int]int) response {
	t.Helper()
	return response{idle: e.single(t, s.changes, last), loaded: e.steady(t, s.load, last)}
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

// measure listens while words are written, until all have come back.
func (e echo) measure(t *testing.T, last map[int]int, drive func(ctx context.Context, w *words, write func(i int) error) error) latencies {
	t.Helper()
	ctx := t.Context()
	events, err := e.room.admin.Watch(ctx, e.list, client.InNamespace(e.room.namespace))
	if err != nil {
		t.Fatal(err)
	}
	w := &words{open: map[string][]word{}, next: e.room.spoken}
	var listening sync.WaitGroup
	listening.Go(func() { e.listen(w, events) })
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
	events.Stop()
	listening.Wait()
	e.room.spoken = w.next
	return w.took
}
