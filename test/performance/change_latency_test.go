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
	// changeInterval is how long nothing happens between two single changes.
	changeInterval = 25 * time.Millisecond
	// changesPerSecond is the rate of all changes under load.
	changesPerSecond = 100
	// changesPerLab is the highest rate in one lab: a lab that flaps is written five times a second
	// at most.
	changesPerLab = 4
)

// response is how fast changes come back, while nothing else happens and under load.
type response struct {
	idle, loaded latencies
	// cpu is the processor time of the load.
	cpu cpuTime
}

// measureResponse measures it. It sets the last mark of each lab in lastMarks.
func (h *harness) measureResponse(t *testing.T, p path, lastMarks map[int]int) response {
	t.Helper()
	r := response{idle: p.single(t, h.changes, lastMarks)}
	before := h.cpuTime(t)
	r.loaded = p.steady(t, h.load, lastMarks)
	r.cpu = h.cpuTime(t).minus(before)
	return r
}

// single writes one mark after the other, each in another lab.
func (p path) single(t *testing.T, changes int, lastMarks map[int]int) latencies {
	t.Helper()
	return p.measure(t, lastMarks, func(ctx context.Context, marks *latencyMarks, write func(i int) error) error {
		next := time.NewTicker(changeInterval)
		defer next.Stop()
		for n := range changes {
			if err := write(n % p.fleet.size); err != nil {
				return err
			}
			gomega.NewWithT(t).Eventually(marks.arrived).WithContext(ctx).WithTimeout(timeout).WithPolling(pollInterval / 4).Should(gomega.Equal(n + 1))
			next.Reset(changeInterval)
			<-next.C
		}
		return nil
	})
}

// steady writes marks at a steady rate, whether those before have come back or not.
func (p path) steady(t *testing.T, long time.Duration, lastMarks map[int]int) latencies {
	t.Helper()
	return p.measure(t, lastMarks, func(_ context.Context, _ *latencyMarks, write func(i int) error) error {
		rate := min(changesPerSecond, changesPerLab*p.fleet.size)
		pace := time.NewTicker(time.Second / time.Duration(rate))
		defer pace.Stop()
		var writing sync.WaitGroup
		changes := int(long.Seconds() * float64(rate))
		errs := make(chan error, changes)
		for n := range changes {
			writing.Go(func() { errs <- write(n % p.fleet.size) })
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

// errDone ends a watch that is no longer needed.
var errDone = errors.New("all marks have arrived")

// measure receives marks while they are written, until all have come back.
func (p path) measure(t *testing.T, lastMarks map[int]int, drive func(ctx context.Context, marks *latencyMarks, write func(i int) error) error) latencies {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	from, err := watchedIn(ctx, p.fleet.admin, p.fleet.namespace, p.list)
	if err != nil {
		t.Fatal(err)
	}
	marks := &latencyMarks{open: map[string][]mark{}, next: p.fleet.lastMark}
	listening := make(chan error, 1)
	go func() { listening <- p.receive(ctx, marks, from) }()
	var mu sync.Mutex
	sent := 0
	err = drive(ctx, marks, func(i int) error {
		number := marks.send(p.fleet.lab(i).Name)
		mu.Lock()
		lastMarks[i] = max(lastMarks[i], number)
		sent++
		mu.Unlock()
		return p.fleet.writeMark(ctx, i, number)
	})
	if err != nil {
		t.Fatal(err)
	}
	gomega.NewWithT(t).Eventually(marks.arrived).WithTimeout(timeout).WithPolling(pollInterval).Should(gomega.Equal(sent))
	cancel(errDone)
	if err := <-listening; !errors.Is(err, errDone) {
		t.Fatal(err)
	}
	p.fleet.lastMark = marks.next
	return marks.latencies
}
