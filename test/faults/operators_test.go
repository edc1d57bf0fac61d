package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

var errCrashed = errors.New("the operator has crashed")

// operatorProcess is one operator from its start to its crash.
type operatorProcess struct {
	crashed atomic.Bool
	cancel  context.CancelFunc
}

// crash ends the process at once: its requests get no response from now on.
func (p *operatorProcess) crash() {
	p.crashed.Store(true)
	p.cancel()
}

// transport sends the requests of a process. After a crash it sends nothing and drops late
// responses, so that no goroutine that is left can do what a dead process could not.
type transport struct {
	process *operatorProcess
	inner   http.RoundTripper
}

// RoundTrip sends a request, unless the process has crashed.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.process.crashed.Load() {
		if req.Body != nil {
			return nil, errors.Join(errCrashed, req.Body.Close())
		}
		return nil, errCrashed
	}
	resp, err := t.inner.RoundTrip(req)
	if err == nil && t.process.crashed.Load() {
		return nil, errors.Join(errCrashed, resp.Body.Close())
	}
	return resp, err
}

// operators run one after the other: whenever one crashes, the next one starts.
type operators struct {
	url string // of the API server, or of a proxy in front of it
	// restartOnError starts operators again that exit with an error, as a cluster does.
	restartOnError bool

	mu      sync.Mutex
	current *operatorProcess
	started int
	gaveUp  int
}

// run starts operators until the context ends.
func (o *operators) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := o.runOne(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (o *operators) runOne(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &operatorProcess{cancel: cancel}
	// Connections of its own, which end with it.
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.MaxIdleConnsPerHost = 100
	defer connections.CloseIdleConnections()
	config := &rest.Config{
		Host:        o.url,
		Impersonate: rest.ImpersonationConfig{UserName: testenv.OperatorAccount},
		Transport:   transport{process: p, inner: connections},
	}
	manager, err := operator.New(config, operator.Options{
		Namespace: testenv.OperatorNamespace, MetricsAddress: "0", SkipNameValidation: true,
	})
	if err != nil {
		return o.exitError(p, fmt.Errorf("create the operator: %w", err))
	}
	o.mu.Lock()
	o.current, o.started = p, o.started+1
	o.mu.Unlock()
	if err := manager.Start(ctx); err != nil {
		return o.exitError(p, fmt.Errorf("run the operator: %w", err))
	}
	return nil
}

// exitError returns the error of a process that exited, unless it crashed.
func (o *operators) exitError(p *operatorProcess, err error) error {
	if p.crashed.Load() {
		return nil
	}
	if !o.restartOnError {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gaveUp++
	return nil
}

// crash ends the operator that runs now, if there is one.
func (o *operators) crash() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.current != nil {
		o.current.crash()
	}
}

// starts returns how many operators were started, and how many of them exited with an error.
func (o *operators) starts() (started, gaveUp int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.started, o.gaveUp
}
