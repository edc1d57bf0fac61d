package chaos

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// stages is how many lives are lived at the same time, each on an API server of its own: an operator serves all Labs
// of its cluster. Much of a life is waiting, so there are more of them than cores.
const stages = 4

// theStages are what all tests play on. They are built by the first that needs one.
var theStages = sync.OnceValues(func() (*house, error) {
	// Operators that die complain, and nobody is interested.
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	h := &house{free: make(chan *stage, stages)}
	err := together(stages, func(int) error {
		s, err := build()
		if err == nil {
			h.free <- s
		}
		return err
	})
	if err == nil {
		h.script, err = write(context.Background(), h.free)
	}
	built = h
	return h, err
})

// built is the house once there is one, to be taken down.
var built *house

// house is stages, and what is played on them.
type house struct {
	free   chan *stage
	script *script
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Tests that wait for a stage need no core.
	if err := flag.Set("test.parallel", strconv.Itoa(stages)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	if err := takeDown(); err != nil {
		fmt.Fprintln(os.Stderr, "take the stages down:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func takeDown() error {
	if built == nil {
		return nil
	}
	var errs []error
	for len(built.free) > 0 {
		errs = append(errs, (<-built.free).close())
	}
	return errors.Join(errs...)
}

// enter waits for the stages.
func enter(t *testing.T) *house {
	t.Helper()
	h, err := theStages()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// play lives one life on the next free stage.
func (h *house) play(t *testing.T, kind string, f fate) (*life, error) {
	t.Helper()
	s := <-h.free
	defer func() { h.free <- s }()
	l := newLife(s, kind, f, h.script)
	return l, l.run(t.Context())
}

// together does something a number of times at once.
func together(times int, do func(i int) error) error {
	errs := make([]error, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}
