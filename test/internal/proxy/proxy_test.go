package proxy

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// rules are made of functions. Nil ones let everything through.
type rules struct {
	request func(r *http.Request, body []byte) (Fault, ResponseHook)
	event   func(event Event) EventAction
}

func (r rules) Request(req *http.Request, body []byte) (Fault, ResponseHook) {
	if r.request == nil {
		return None, nil
	}
	return r.request(req, body)
}

func (r rules) Event(_ *http.Request, event Event) EventAction {
	if r.event == nil {
		return EventAction{}
	}
	return r.event(event)
}

// startProxy puts a proxy in front of a server.
func startProxy(t *testing.T, rules Rules, handler http.HandlerFunc) *Proxy {
	t.Helper()
	server := httptest.NewServer(handler)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(target, http.DefaultTransport, rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close the proxy: %v", err)
		}
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

var things = schema.GroupVersionResource{Version: "v1", Resource: "things"}

// clientOf is what a controller would use.
func clientOf(t *testing.T, p *Proxy) dynamic.ResourceInterface {
	t.Helper()
	client, err := dynamic.NewForConfig(&rest.Config{Host: p.URL(), QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(things)
}

func TestPassesOn(t *testing.T) {
	p := startProxy(t, rules{}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Seen", r.Method+" "+r.URL.String()+" as "+r.Header.Get("Impersonate-User"))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(body)
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, p.URL()+"/api/v1/things/one?force=true", strings.NewReader("a body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Impersonate-User", "someone")
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{resp.StatusCode, resp.Header.Get("Seen"), string(body)}
	want := []any{http.StatusAccepted, "PATCH /api/v1/things/one?force=true as someone", "a body"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFaults(t *testing.T) {
	ends := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	for name, tc := range map[string]struct {
		before, after Fault
		wantError     func(error) bool
		wantServed    int32
	}{
		"a conflict":                   {before: Conflict, wantError: apierrors.IsConflict},
		"an internal error":            {before: ServerError, wantError: apierrors.IsInternalError},
		"a connection that is reset":   {before: Reset, wantError: func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"no answer":                    {before: NoResponse, wantError: ends},
		"no answer to what was done":   {after: NoResponse, wantError: ends, wantServed: 1},
		"a reset after it was done":    {after: Reset, wantError: func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }, wantServed: 1},
		"an answer that is let pass":   {wantError: func(err error) bool { return err == nil }, wantServed: 1},
		"a conflict after it was done": {after: Conflict, wantError: apierrors.IsConflict, wantServed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int32
			p := startProxy(t, rules{request: func(*http.Request, []byte) (Fault, ResponseHook) {
				return tc.before, func(int) Fault { return tc.after }
			}}, func(w http.ResponseWriter, _ *http.Request) {
				served.Add(1)
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"apiVersion":"v1","kind":"Thing","metadata":{"name":"one"}}`)
			})
			err := clientOf(t, p).Delete(t.Context(), "one", metav1.DeleteOptions{})
			if !tc.wantError(err) {
				t.Errorf("the client gets %v", err)
			}
			if got := served.Load(); got != tc.wantServed {
				t.Errorf("the server was reached %d times, want %d", got, tc.wantServed)
			}
		})
	}
}

func TestThrottledClientsComeBackLater(t *testing.T) {
	var asked atomic.Int32
	p := startProxy(t, rules{request: func(*http.Request, []byte) (Fault, ResponseHook) {
		if asked.Add(1) == 1 {
			return Throttled, nil
		}
		return None, nil
	}}, func(http.ResponseWriter, *http.Request) {})
	began := time.Now()
	err := clientOf(t, p).Delete(t.Context(), "one", metav1.DeleteOptions{})
	if err != nil || asked.Load() != 2 || time.Since(began) < retryAfter*time.Second {
		t.Errorf("asked %d times in %s: %v", asked.Load(), time.Since(began), err)
	}
}

func TestLateAnswersCome(t *testing.T) {
	p := startProxy(t, rules{request: func(*http.Request, []byte) (Fault, ResponseHook) {
		return None, func(int) Fault { return LateResponse }
	}}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	began := time.Now()
	resp, err := http.Post(p.URL(), "text/plain", strings.NewReader("a body"))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusTeapot || time.Since(began) < responseDelay {
		t.Errorf("%s after %s", resp.Status, time.Since(began))
	}
}

func TestAfterHearsTheCode(t *testing.T) {
	codes := make(chan int, 1)
	p := startProxy(t, rules{request: func(_ *http.Request, body []byte) (Fault, ResponseHook) {
		if string(body) != "a body" {
			t.Errorf("the rules see %q", body)
		}
		return None, func(code int) Fault { codes <- code; return None }
	}}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	resp, err := http.Post(p.URL(), "text/plain", strings.NewReader("a body"))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-codes; got != http.StatusTeapot || resp.StatusCode != http.StatusTeapot {
		t.Errorf("after hears %d, the client %d", got, resp.StatusCode)
	}
}

func TestASilentServerEndsTheConnection(t *testing.T) {
	p := startProxy(t, rules{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	began := time.Now()
	if resp, err := http.Post(p.URL(), "text/plain", strings.NewReader("a body")); err == nil {
		t.Errorf("there is an answer, %s, after %s", resp.Status, time.Since(began))
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
