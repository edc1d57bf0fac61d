package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/test/chaos/proxy"
	"github.com/lab-operator/lab-operator/test/world"
)

// stage is an API server with the catalog in it, on which one life is lived at a time.
type stage struct {
	*world.World
	ledger *ledger
	stop   context.CancelFunc

	mu       sync.Mutex
	forgiven map[string]bool
}

// build brings a stage up.
func build() (*stage, error) {
	ctx, cancel := context.WithCancel(context.Background())
	w, err := world.Start(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &stage{World: w, stop: cancel, forgiven: map[string]bool{}}
	if err = s.publish(ctx); err == nil {
		s.ledger, err = keepLedger(ctx, w.Config)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) close() error {
	s.stop()
	return s.Stop()
}

// door starts a proxy through which operators reach the API server.
func (s *stage) door(rules proxy.Rules) (*proxy.Proxy, error) {
	target, _, err := rest.DefaultServerUrlFor(s.Config)
	if err != nil {
		return nil, fmt.Errorf("find the API server: %w", err)
	}
	transport, err := rest.TransportFor(s.Config)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's transport: %w", err)
	}
	return proxy.Start(&url.URL{Scheme: target.Scheme, Host: target.Host}, transport, rules)
}

// forgive has the ledger's entries of a life ignored that went wrong, and left things behind.
func (s *stage) forgive(lab, namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgiven[lab], s.forgiven[namespace] = true, true
}

// forgives tells whether one of these names is of a life that went wrong.
func (s *stage) forgives(names ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if s.forgiven[name] {
			return true
		}
	}
	return false
}
