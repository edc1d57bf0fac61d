package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/world"
)

var errDead = errors.New("this operator has crashed")

// process is one operator from its start to its death.
type process struct {
	dead   atomic.Bool
	cancel context.CancelFunc
}

// die ends the process at once: nothing that it asks for is answered from now on.
func (p *process) die() {
	p.dead.Store(true)
	p.cancel()
}

// transport is a process's way out. From a dead process nothing is sent, and what is answered late is lost, so that
// no goroutine that is left can do what a dead process could not.
type transport struct {
	process *process
	inner   http.RoundTripper
}

// RoundTrip sends a request, unless the process is dead.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.process.dead.Load() {
		if req.Body != nil {
			return nil, errors.Join(errDead, req.Body.Close())
		}
		return nil, errDead
	}
	resp, err := t.inner.RoundTrip(req)
	if err == nil && t.process.dead.Load() {
		return nil, errors.Join(errDead, resp.Body.Close())
	}
	return resp, err
}

// operators run one after the other: whenever one dies, the next one starts.
type operators struct {
	url string // of the API server, or of a proxy before it
	// durable operators are started again when they give up, as a cluster does.
	durable bool

	mu      sync.Mutex
	current *process
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
	p := &process{cancel: cancel}
	// Connections of its own, which end with it.
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.MaxIdleConnsPerHost = 100
	defer connections.CloseIdleConnections()
	config := &rest.Config{
		Host:        o.url,
		Impersonate: rest.ImpersonationConfig{UserName: world.OperatorAccount},
		Transport:   transport{process: p, inner: connections},
	}
	manager, err := operator.New(config, operator.Options{
		Namespace: world.OperatorNamespace, MetricsAddress: "0", SkipNameValidation: true,
	})
	if err != nil {
		return o.end(p, fmt.Errorf("make the operator: %w", err))
	}
	o.mu.Lock()
	o.current, o.started = p, o.started+1
	o.mu.Unlock()
	if err := manager.Start(ctx); err != nil {
		return o.end(p, fmt.Errorf("run the operator: %w", err))
	}
	return nil
}

// end sorts the error with which a process ended. What a dead one complains about on its way out is nobody's concern.
func (o *operators) end(p *process, err error) error {
	if p.dead.Load() {
		return nil
	}
	if !o.durable {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gaveUp++
	return nil
}

// kill ends the operator that runs now, if there is one.
func (o *operators) kill() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.current != nil {
		o.current.die()
	}
}

// starts is how many operators there were, and how many of them gave up by themselves.
func (o *operators) starts() (started, gaveUp int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.started, o.gaveUp
}
