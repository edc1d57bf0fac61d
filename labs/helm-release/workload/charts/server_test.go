package charts

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/internal/workload/service"
)

func newServer(t *testing.T) *Server {
	t.Helper()
	packed, err := Charts()
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(packed)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

type reply struct {
	Code       int
	Kind, Body string
}

func ask(t *testing.T, server *Server, method, path string) reply {
	t.Helper()
	recorder := httptest.NewRecorder()
	server.Handler().ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
	return reply{recorder.Code, recorder.Header().Get("Content-Type"), recorder.Body.String()}
}

func TestServerAnswers(t *testing.T) {
	const text = "text/plain; charset=utf-8"
	server := newServer(t)
	for name, tc := range map[string]struct {
		method, path string
		drained      bool
		want         reply
	}{
		"the index":               {method: "GET", path: "/index.yaml", want: reply{200, "application/yaml", string(server.index)}},
		"an archive":              {method: "GET", path: "/shop-1.1.0.tgz", want: reply{200, "application/gzip", string(server.charts[1].Archive)}},
		"no such archive":         {method: "GET", path: "/shop-9.9.9.tgz", want: reply{404, text, "404 page not found\n"}},
		"nothing can be uploaded": {method: "POST", path: "/index.yaml", want: reply{405, text, "Method Not Allowed\n"}},
		"healthy":                 {method: "GET", path: "/healthz", drained: true, want: reply{200, "text/plain", "ok\n"}},
		"ready":                   {method: "GET", path: "/readyz", want: reply{200, "text/plain", "ok\n"}},
		"not ready at the end":    {method: "GET", path: "/readyz", drained: true, want: reply{503, text, "shutting down\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t)
			if tc.drained {
				server.Drain()
			}
			if diff := cmp.Diff(tc.want, ask(t, server, tc.method, tc.path)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDownloadsAreCounted(t *testing.T) {
	server := newServer(t)
	for _, path := range []string{"/shop-1.0.0.tgz", "/shop-1.0.0.tgz", "/shop-2.0.0.tgz", "/index.yaml", "/shop-3.0.0.tgz"} {
		ask(t, server, "GET", path)
	}
	ask(t, server, "HEAD", "/shop-1.1.0.tgz")
	want := reply{200, "application/json", `{"shop-1.0.0.tgz":2,"shop-1.1.0.tgz":0,"shop-2.0.0.tgz":1}` + "\n"}
	if diff := cmp.Diff(want, ask(t, server, "GET", "/downloads")); diff != "" {
		t.Errorf("downloads (-want +got):\n%s", diff)
	}
	metrics := ask(t, server, "GET", "/metrics").Body
	for _, want := range []string{`chart_downloads_total{file="shop-1.0.0.tgz"} 2`, "process_cpu_seconds_total "} {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("no %q in:\n%s", want, metrics)
		}
	}
}

func TestItEndsWhenItIsToldTo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	server, ended := newServer(t), make(chan error, 1)
	var out bytes.Buffer
	run := service.Service{Handler: server.Handler(), Unready: server.Drain, Grace: time.Minute}
	go func() { ended <- run.Serve(ctx, listener, &out) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/shop-1.0.0.tgz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.Body.Close() != nil || !bytes.Equal(body, server.charts[0].Archive) {
		t.Errorf("got %d bytes, error %v", len(body), err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}
	if !strings.HasSuffix(out.String(), "every request was answered\n") || !server.draining.Load() {
		t.Errorf("output: %s", out.String())
	}
}
