package faults

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

// environments is the number of runs at the same time, each on an API server of its own: an
// operator serves all Labs of its cluster. A run waits most of the time, so there are more of them
// than cores.
const environments = 4

// sharedPool is the pool of all tests. The first test that needs it starts it.
var sharedPool = sync.OnceValues(func() (*pool, error) {
	// Operators that crash log errors that mean nothing here.
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	p := &pool{free: make(chan *environment, environments)}
	err := inParallel(environments, func(int) error {
		env, err := startEnvironment()
		if err == nil {
			p.free <- env
		}
		return err
	})
	if err == nil {
		p.baseline, err = calibrate(context.Background(), p.free)
	}
	startedPool = p
	return p, err
})

// startedPool is the pool once it has started, for stopPool.
var startedPool *pool

// pool has the environments that are free, and the baseline of all runs.
type pool struct {
	free     chan *environment
	baseline *baseline
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Tests that wait for an environment need no core.
	if err := flag.Set("test.parallel", strconv.Itoa(environments)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	if err := stopPool(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the environments:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func stopPool() error {
	if startedPool == nil {
		return nil
	}
	var errs []error
	for len(startedPool.free) > 0 {
		errs = append(errs, (<-startedPool.free).close())
	}
	return errors.Join(errs...)
}

// usePool waits until the pool has started.
func usePool(t *testing.T) *pool {
	t.Helper()
	p, err := sharedPool()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runScenario runs the scenario once in the next free environment.
func (p *pool) runScenario(t *testing.T, kind string, f faultPlan) (*scenarioRun, error) {
	t.Helper()
	env := <-p.free
	defer func() { p.free <- env }()
	r := newRun(env, kind, f, p.baseline)
	return r, r.runScenario(t.Context())
}

// inParallel calls a function a number of times at once.
func inParallel(times int, do func(i int) error) error {
	errs := make([]error, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}
