package web

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

func newServer(t *testing.T, options Options) *Server {
	t.Helper()
	server, err := New(options)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return server
}

type reply struct {
	Code int
	Body string
}

func ask(t *testing.T, handler http.Handler, method, path string) reply {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
	return reply{recorder.Code, recorder.Body.String()}
}

func TestServerAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		method, path string
		drained      bool
		want         reply
	}{
		"work":                                 {method: "GET", path: "/", want: reply{200, "hello from web-1\n"}},
		"work with a query":                    {method: "GET", path: "/?x=1", want: reply{200, "hello from web-1\n"}},
		"work goes on while draining":          {method: "GET", path: "/", drained: true, want: reply{200, "hello from web-1\n"}},
		"healthy":                              {method: "GET", path: "/healthz", want: reply{200, "ok\n"}},
		"healthy while draining":               {method: "GET", path: "/healthz", drained: true, want: reply{200, "ok\n"}},
		"ready":                                {method: "GET", path: "/readyz", want: reply{200, "ok\n"}},
		"not ready while draining":             {method: "GET", path: "/readyz", drained: true, want: reply{503, "shutting down\n"}},
		"only the root does work":              {method: "GET", path: "/other", want: reply{404, "404 page not found\n"}},
		"only reading is what it is there for": {method: "POST", path: "/", want: reply{405, "Method Not Allowed\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, Options{Name: "web-1", Parallel: 1})
			if tc.drained {
				server.Drain()
			}
			if diff := cmp.Diff(tc.want, ask(t, server.Handler(), tc.method, tc.path)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetricsTellWhatWasDone(t *testing.T) {
	server := newServer(t, Options{Name: "web-1", Burn: time.Millisecond, Parallel: 1})
	handler := server.Handler()
	for range 3 {
		ask(t, handler, "GET", "/")
	}
	metrics := ask(t, handler, "GET", "/metrics").Body
	for _, want := range []string{
		`http_requests_total{code="200"} 3`,
		"http_request_duration_seconds_count 3",
		"burnt_cpu_seconds_total 0.003",
		"process_cpu_seconds_total ",
	} {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("no %q in:\n%s", want, metrics)
		}
	}
}

func TestTooManyRequestsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t, Options{Name: "web-1", Parallel: 1, Queue: 1})
		// Whoever holds the turn is at work until it is given back.
		server.waiting <- struct{}{}
		server.turns <- struct{}{}
		replies := make(chan reply, 1)
		go func() { replies <- ask(t, server.Handler(), "GET", "/") }()
		synctest.Wait()
		if got, want := ask(t, server.Handler(), "GET", "/"), (reply{503, "too many requests are waiting\n"}); got != want {
			t.Errorf("the request beyond the queue got %v, want %v", got, want)
		}
		<-server.turns
		<-server.waiting
		if got, want := <-replies, (reply{200, "hello from web-1\n"}); got != want {
			t.Errorf("the request in the queue got %v, want %v", got, want)
		}
		if len(server.turns) != 0 || len(server.waiting) != 0 {
			t.Errorf("%d turns and %d places are still taken", len(server.turns), len(server.waiting))
		}
	})
}

func TestClientThatGoesAwayLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t, Options{Name: "web-1", Parallel: 1, Queue: 1})
		server.turns <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan int, 1)
		go func() {
			recorder := httptest.NewRecorder()
			server.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
			done <- recorder.Code
		}()
		synctest.Wait()
		if len(server.waiting) != 1 {
			t.Fatalf("%d requests wait, want 1", len(server.waiting))
		}
		cancel()
		if code := <-done; code != 499 {
			t.Errorf("counted as %d, want 499", code)
		}
		if len(server.waiting) != 0 {
			t.Errorf("%d requests wait, want none", len(server.waiting))
		}
	})
}

func TestOptionsAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		want    string
	}{
		"negative burn":   {Options{Burn: -1, Parallel: 1}, "burn is -1ns: it must be from 0s to 1m"},
		"burn for hours":  {Options{Burn: time.Hour, Parallel: 1}, "burn is 1h0m0s: it must be from 0s to 1m"},
		"nobody at work":  {Options{}, "parallel is 0: it must be from 1 to 1024"},
		"negative queue":  {Options{Parallel: 1, Queue: -1}, "queue is -1: it must be from 0 to 10000"},
		"enormous queue":  {Options{Parallel: 1, Queue: 1e9}, "queue is 1000000000: it must be from 0 to 10000"},
		"all at the edge": {Options{Burn: time.Minute, Parallel: 1024, Queue: 10_000}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if _, err := New(tc.options); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("New: %q, want %q", got, tc.want)
			}
		})
	}
}

// started is a running service.
type started struct {
	server *Server
	url    string
	stop   context.CancelFunc
	result chan error
	out    *bytes.Buffer
}

func start(t *testing.T, options Options, run service.Service) started {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := started{
		server: newServer(t, options),
		url:    "http://" + listener.Addr().String(),
		stop:   stop,
		result: make(chan error, 1),
		out:    &bytes.Buffer{},
	}
	run.Handler, run.Unready = s.server.Handler(), s.server.Drain
	go func() { s.result <- run.Serve(ctx, listener, s.out) }()
	t.Cleanup(stop)
	return s
}

// ask sends requests and returns when all of them are being worked on.
func (s started) ask(t *testing.T, n int) <-chan error {
	t.Helper()
	outcomes := make(chan error, n)
	for range n {
		go func() {
			response, err := http.Get(s.url)
			if err == nil {
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					err = fmt.Errorf("answered %s", response.Status)
				}
			}
			outcomes <- err
		}()
	}
	for len(s.server.turns) < n {
		if t.Context().Err() != nil || len(outcomes) > 0 {
			t.Fatalf("%d of %d requests are at work, %d have ended", len(s.server.turns), n, len(outcomes))
		}
		runtime.Gosched()
	}
	return outcomes
}

func TestStoppingLosesNoRequest(t *testing.T) {
	const requests = 2
	s := start(t, Options{Name: "web-1", Burn: 200 * time.Millisecond, Parallel: requests}, service.Service{Grace: time.Minute})
	outcomes := s.ask(t, requests)
	s.stop()
	if err := <-s.result; err != nil {
		t.Errorf("serve: %v", err)
	}
	for range requests {
		if err := <-outcomes; err != nil {
			t.Errorf("a request that was under way: %v", err)
		}
	}
	if !strings.HasSuffix(s.out.String(), "every request was answered\n") {
		t.Errorf("output: %s", s.out)
	}
}

func TestRequestsAreAnsweredWhileDraining(t *testing.T) {
	s := start(t, Options{Name: "web-1", Parallel: 1}, service.Service{Drain: time.Minute})
	s.stop()
	for !s.server.draining.Load() {
		runtime.Gosched()
	}
	response, err := http.Get(s.url)
	if err != nil {
		t.Fatalf("a request while draining: %v", err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("a request while draining was answered %s", response.Status)
	}
	if len(s.result) != 0 {
		t.Errorf("serve has returned already: %v", <-s.result)
	}
}

func TestStoppingEndsWhenTheGraceIsOver(t *testing.T) {
	s := start(t, Options{Name: "web-1", Burn: time.Minute, Parallel: 1}, service.Service{Grace: 20 * time.Millisecond})
	outcomes := s.ask(t, 1)
	s.stop()
	if err := <-s.result; err == nil || !strings.Contains(err.Error(), "finish the last requests") {
		t.Errorf("serve returned %v, want that the last requests did not finish", err)
	}
	if err := <-outcomes; err == nil {
		t.Error("the request was answered, though it takes a minute")
	}
}
