package adapters

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

func httpSpec(spec v1beta1.HTTPEvidence) *v1beta1.ProbeEvidence {
	return &v1beta1.ProbeEvidence{Target: theServer(), HTTP: &spec}
}

// serveHTTP answers requests on the loopback interface until the test ends, and gives the address.
func serveHTTP(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	var ended sync.WaitGroup
	ended.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		_ = server.Close()
		ended.Wait()
	})
	return listener.Addr().String()
}

// untimed leaves out what differs from run to run.
var untimed = cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return strings.HasSuffix(name, "Millis") || name == "date" })

func TestHTTPAnswers(t *testing.T) {
	tests := map[string]struct {
		spec        v1beta1.HTTPEvidence
		handler     http.HandlerFunc
		want        map[string]any
		wantFailure failed
	}{
		"an answer": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Version", "2")
				fmt.Fprintf(w, "%s %s for %s", r.Method, r.RequestURI, r.Host)
			},
			want: map[string]any{
				"samples": int64(1), "failed": int64(0), "statuses": map[string]any{"200": int64(1)}, "pods": map[string]any{"server-0": int64(1)},
				"status": int64(200), "body": "GET / for server:1234",
				"headers": map[string]any{"x-version": "2", "content-length": "21", "content-type": "text/plain; charset=utf-8"},
			},
		},
		"all that is asked for": {
			spec: v1beta1.HTTPEvidence{
				Method: "POST", Path: "/orders?size=2", Body: `{"sku":"a"}`,
				Headers: []v1beta1.HTTPHeader{{Name: "content-type", Value: "application/json"}, {Name: "host", Value: "shop.example"}},
			},
			handler: func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header()["Content-Type"] = []string{"application/json"}
				w.WriteHeader(http.StatusCreated)
				fmt.Fprintf(w, `{"asked": "%s %s of %s", "type": %q, "sent": %s, "count": 3, "share": 0.5, "large": 1e300}`,
					r.Method, r.RequestURI, r.Host, r.Header.Get("Content-Type"), body)
			},
			want: map[string]any{
				"samples": int64(1), "failed": int64(0), "statuses": map[string]any{"201": int64(1)}, "pods": map[string]any{"server-0": int64(1)},
				"status": int64(201),
				"body":   `{"asked": "POST /orders?size=2 of shop.example", "type": "application/json", "sent": {"sku":"a"}, "count": 3, "share": 0.5, "large": 1e300}`,
				"json": map[string]any{
					"asked": "POST /orders?size=2 of shop.example", "type": "application/json", "sent": map[string]any{"sku": "a"},
					"count": int64(3), "share": 0.5, "large": 1e300,
				},
				"headers": map[string]any{"content-length": "139", "content-type": "application/json"},
			},
		},
		"an error of the server is evidence": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = io.WriteString(w, "out of order")
			},
			want: map[string]any{
				"samples": int64(1), "failed": int64(1), "statuses": map[string]any{"500": int64(1)}, "pods": map[string]any{"server-0": int64(1)},
				"status": int64(500), "body": "out of order", "headers": map[string]any{"content-length": "12"},
			},
			wantFailure: failed{probe.Rejected, "GET server:1234/ answers with status 500"},
		},
		"a redirect is an answer and not followed": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				w.Header().Set("Location", "http://elsewhere.example/")
				w.WriteHeader(http.StatusFound)
			},
			want: map[string]any{
				"samples": int64(1), "failed": int64(0), "statuses": map[string]any{"302": int64(1)}, "pods": map[string]any{"server-0": int64(1)},
				"status": int64(302), "body": "", "headers": map[string]any{"content-length": "0", "location": "http://elsewhere.example/"},
			},
		},
		"what is no UTF-8 and no JSON": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{"application/json"}
				_, _ = w.Write([]byte{'{', 0xff})
			},
			want: map[string]any{
				"samples": int64(1), "failed": int64(0), "statuses": map[string]any{"200": int64(1)}, "pods": map[string]any{"server-0": int64(1)},
				"status": int64(200), "body": "{\uFFFD", "headers": map[string]any{"content-length": "2", "content-type": "application/json"},
			},
		},
		"a body that is too large": {
			handler: func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, strings.Repeat("x", probe.MaxText+1))
			},
			want: map[string]any{
				"samples": int64(0), "failed": int64(1), "statuses": map[string]any{}, "pods": map[string]any{},
			},
			wantFailure: failed{probe.TooLarge, "GET server:1234/ answers with more than 64 KiB"},
		},
		"headers that are too large": {
			handler: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Large", strings.Repeat("x", 32<<10)) },
			want: map[string]any{
				"samples": int64(0), "failed": int64(1), "statuses": map[string]any{}, "pods": map[string]any{},
			},
			wantFailure: failed{probe.TooLarge, "GET server:1234/ answers with more than 16 KiB of headers"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dialer := reaching(t, serveHTTP(t, tc.handler))
			got, err := probeOnce(t, httpAdapter(), dialer, httpSpec(tc.spec), probe.DefaultTimeout)
			if diff := cmp.Diff(tc.want, got, untimed); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if failure := failedWith(t, err); failure != tc.wantFailure {
				t.Errorf("it is %v, want %v", failure, tc.wantFailure)
			}
		})
	}
}

// severalReach has several endpoints behind one Service.
type severalReach struct {
	*testDialer
	endpoints []probe.Endpoint
}

func (r *severalReach) Endpoints(context.Context, v1beta1.ProbeTarget) ([]probe.Endpoint, error) {
	return r.endpoints, nil
}

func TestHTTPSamples(t *testing.T) {
	var mu sync.Mutex
	asked := 0
	address := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		switch asked {
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 5:
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // a slow service is what is measured
		}
	})
	dialer := reaching(t, address)
	port := dialer.ports["server"]
	several := &severalReach{dialer, []probe.Endpoint{{Pod: "a", Port: port, Ready: true}, {Pod: "b", Port: port, Ready: true}, {Pod: "c", Port: port}}}
	got, err := probeOnce(t, httpAdapter(), several, httpSpec(v1beta1.HTTPEvidence{Samples: 10}), probe.DefaultTimeout)
	want := map[string]any{
		"samples": int64(10), "failed": int64(1), "statuses": map[string]any{"200": int64(9), "503": int64(1)},
		// Pods that are not ready get no traffic.
		"pods": map[string]any{"a": int64(5), "b": int64(5)}, "status": int64(200), "body": "",
	}
	ignored := cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "headers" })
	if diff := cmp.Diff(want, got, untimed, ignored); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if failure := failedWith(t, err); failure.reason != probe.Rejected {
		t.Errorf("it is %v", failure)
	}
	p50, p95, slowest := got["p50Millis"].(float64), got["p95Millis"].(float64), got["maxMillis"].(float64)
	if p50 >= 100 || p95 < 100 || slowest < p95 {
		t.Errorf("p50 %v, p95 %v, max %v: one of ten answers took 100 ms", p50, p95, slowest)
	}
	if dialed := dialer.dialed.Load(); dialed != 2 {
		t.Errorf("%d connections for 10 requests to 2 pods", dialed)
	}
}

func TestHTTPPodsThatAreNotReady(t *testing.T) {
	dialer := reaching(t, serveHTTP(t, func(http.ResponseWriter, *http.Request) {}))
	several := &severalReach{dialer, []probe.Endpoint{{Pod: "a", Port: dialer.ports["server"]}}}
	got, err := probeOnce(t, httpAdapter(), several, httpSpec(v1beta1.HTTPEvidence{}), probe.DefaultTimeout)
	if err != nil || got["status"] != int64(200) {
		t.Errorf("got %v, %v: where none is ready, one that runs is asked", got, err)
	}
}

// TestHTTPStopsInTime has the first samples answered: they count.
func TestHTTPStopsInTime(t *testing.T) {
	var asked int
	address := serve(t, func(ctx context.Context, conn net.Conn) {
		requests := bufio.NewReader(conn)
		for {
			if _, err := http.ReadRequest(requests); err != nil {
				return
			}
			if asked++; asked > 2 {
				<-ctx.Done()
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	got, err := probeOnce(t, httpAdapter(), reaching(t, address), httpSpec(v1beta1.HTTPEvidence{Samples: 50}), 300*time.Millisecond)
	want := failed{probe.TimedOut, "GET server:1234/ does not answer in time"}
	if failure := failedWith(t, err); failure != want || got["samples"] != int64(2) || got["failed"] != int64(1) {
		t.Errorf("it is %v with %v", failure, got)
	}
}

func TestPercentile(t *testing.T) {
	times := func(n int) []time.Duration {
		var sorted []time.Duration
		for i := range n {
			sorted = append(sorted, time.Duration(i+1))
		}
		return sorted
	}
	tests := map[string]struct {
		sorted        []time.Duration
		percent, want int
	}{
		"of one":            {times(1), 95, 1},
		"the median of two": {times(2), 50, 1},
		"p95 of 20":         {times(20), 95, 19},
		"p95 of 10":         {times(10), 95, 10},
		"p50 of 5":          {times(5), 50, 3},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := percentile(tc.sorted, tc.percent); got != time.Duration(tc.want) {
				t.Errorf("got the value %d, want %d", got, tc.want)
			}
		})
	}
}
