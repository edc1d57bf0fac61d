package handover

import (
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/lab-operator/lab-operator/test/internal/proxy"
	"github.com/lab-operator/lab-operator/test/internal/replica"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// site is an API server, and what replicas run on.
type site struct {
	*testenv.Environment
	program  string
	recorder *recorder
	class    *class
}

// member is a replica with its way to the API server.
type member struct {
	*replica.Replica
	way        *way
	proxy      *proxy.Proxy
	kubeconfig string
	program    string
}

func start(t *testing.T) *site {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	w, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Errorf("stop the API server: %v", err)
		}
	})
	if err := publish(t.Context(), w.Client); err != nil {
		t.Fatal(err)
	}
	program, err := replica.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &site{Environment: w, program: program, recorder: &recorder{}, class: newClass(w.Client)}
}

// join starts a replica with a way of its own, and waits until it is ready.
func (s *site) join(t *testing.T, name string) *member {
	t.Helper()
	target, _, err := rest.DefaultServerUrlFor(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	// Clients send no token without TLS, so the proxy brings it.
	config, err := replica.LogIn(t.Context(), s.Client, s.Config, testenv.OperatorNamespace)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	m := &member{way: &way{replica: name, recorder: s.recorder}, program: s.program, kubeconfig: filepath.Join(t.TempDir(), name)}
	if m.proxy, err = proxy.Start(&url.URL{Scheme: target.Scheme, Host: target.Host}, transport, m.way); err != nil {
		t.Fatal(err)
	}
	if err := replica.Kubeconfig(&rest.Config{Host: m.proxy.URL()}, m.kubeconfig); err != nil {
		t.Fatal(err)
	}
	m.run(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of what %s logged:\n%s", name, tail(m.Log(), 30))
		}
		if err := m.Kill(); err != nil {
			t.Error(err)
		}
		if err := m.proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	m.untilReady(t)
	return m
}

func (m *member) run(t *testing.T) {
	t.Helper()
	var err error
	if m.Replica, err = replica.Start(m.program, m.kubeconfig, testenv.OperatorNamespace, "--leader-elect"); err != nil {
		t.Fatal(err)
	}
}

func (m *member) untilReady(t *testing.T) {
	t.Helper()
	testenv.Eventually(t, patience, m.way.replica+" is ready", func() error {
		if m.Ended() {
			t.Fatalf("%s has ended", m.way.replica)
		}
		if status, answer := m.Probe(t.Context(), "/readyz"); status != 200 {
			return fmt.Errorf("%d %s", status, answer)
		}
		return nil
	})
}
