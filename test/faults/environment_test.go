package faults

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// environment is an API server with the catalog, for one run at a time.
type environment struct {
	*testenv.Environment
	auditLog *auditLog
	stop     context.CancelFunc

	mu      sync.Mutex
	ignored map[string]bool
}

// startEnvironment starts an API server and its audit log, and publishes the catalog.
func startEnvironment() (*environment, error) {
	ctx, cancel := context.WithCancel(context.Background())
	w, err := testenv.Start(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	env := &environment{Environment: w, stop: cancel, ignored: map[string]bool{}}
	if err = env.publishCatalog(ctx); err == nil {
		env.auditLog, err = startAuditLog(ctx, w.Config)
	}
	if err != nil {
		return nil, errors.Join(err, env.close())
	}
	return env, nil
}

func (env *environment) close() error {
	env.stop()
	return env.Stop()
}

// startProxy starts a proxy through which operators reach the API server.
func (env *environment) startProxy(rules proxy.Rules) (*proxy.Proxy, error) {
	target, _, err := rest.DefaultServerUrlFor(env.Config)
	if err != nil {
		return nil, fmt.Errorf("find the API server: %w", err)
	}
	transport, err := rest.TransportFor(env.Config)
	if err != nil {
		return nil, fmt.Errorf("create the proxy's transport: %w", err)
	}
	return proxy.Start(&url.URL{Scheme: target.Scheme, Host: target.Host}, transport, rules)
}

// ignore excludes the entries of a failed run, which can leave objects, from the audits of later
// runs.
func (env *environment) ignore(lab, namespace string) {
	env.mu.Lock()
	defer env.mu.Unlock()
	env.ignored[lab], env.ignored[namespace] = true, true
}

// ignores reports whether one of these names is of a failed run.
func (env *environment) ignores(names ...string) bool {
	env.mu.Lock()
	defer env.mu.Unlock()
	for _, name := range names {
		if env.ignored[name] {
			return true
		}
	}
	return false
}
