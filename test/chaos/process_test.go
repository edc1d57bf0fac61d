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

// account is who the operator is in a cluster, with no more rights than there.
const account = "system:serviceaccount:" + world.OperatorNamespace + ":lab-operator"

var errDead = errors.New("this operator has crashed")

// process is one operator from its start to its death.
type process struct {
	tracer *tracer
	dead   atomic.Bool
	cancel context.CancelFunc
}

// die ends the process at once: nothing that it asks for is answered from now on.
func (p *process) die() {
	p.dead.Store(true)
	p.cancel()
}

// transport is a process's way to the API server.
type transport struct {
	process *process
	inner   http.RoundTripper
}

// RoundTrip sends a request, unless the process is dead or dies of it.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	p := t.process
	write, err := writeOf(req, p.tracer.lab)
	if err != nil {
		return nil, err
	}
	if write == "" {
		return p.send(t.inner, req)
	}
	req, body, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	at, counts := p.tracer.at(write, body)
	if counts && !p.dead.Load() && p.tracer.strikes(at, false) {
		p.die()
	}
	resp, err := p.send(t.inner, req)
	if err != nil || resp.StatusCode >= http.StatusBadRequest || !counts {
		return resp, err
	}
	p.tracer.carriedOut(at, body)
	if p.tracer.strikes(at, true) {
		p.die()
		return nil, errors.Join(errDead, resp.Body.Close())
	}
	return resp, nil
}

// send asks the API server on behalf of a living process. An answer that comes after death is lost.
func (p *process) send(inner http.RoundTripper, req *http.Request) (*http.Response, error) {
	if p.dead.Load() {
		if req.Body != nil {
			return nil, errors.Join(errDead, req.Body.Close())
		}
		return nil, errDead
	}
	resp, err := inner.RoundTrip(req)
	if err == nil && p.dead.Load() {
		return nil, errors.Join(errDead, resp.Body.Close())
	}
	return resp, err
}

// operators run one after the other: whenever one dies, the next one starts.
type operators struct {
	config *rest.Config
	tracer *tracer

	mu      sync.Mutex
	current *process
	started int
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
	p := &process{tracer: o.tracer, cancel: cancel}
	config := rest.CopyConfig(o.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: account}
	config.Wrap(func(inner http.RoundTripper) http.RoundTripper { return transport{process: p, inner: inner} })
	manager, err := operator.New(config, operator.Options{
		Namespace: world.OperatorNamespace, MetricsAddress: "0", SkipNameValidation: true,
	})
	if err != nil {
		return fmt.Errorf("make the operator: %w", err)
	}
	o.mu.Lock()
	o.current, o.started = p, o.started+1
	o.mu.Unlock()
	// What a dead process complains about on its way out is nobody's concern.
	if err := manager.Start(ctx); err != nil && !p.dead.Load() {
		return fmt.Errorf("run the operator: %w", err)
	}
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

func (o *operators) starts() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.started
}
