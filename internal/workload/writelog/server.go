package writelog

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server tells what a writer knows.
type Server[S any] struct {
	// State returns what the writer knows at the moment.
	State func() S
	// Gauges are the numbers of entries to tell Prometheus, by what they count, as in acknowledged.
	Gauges map[string]func(S) int

	stopping atomic.Bool
}

// Unready makes /readyz refuse from now on.
func (s *Server[S]) Unready() { s.stopping.Store(true) }

// Handler serves GET / with the state as JSON, /healthz, /readyz, and /metrics in the text format of Prometheus. It is ready
// without the servers that are written to: to tell that nothing is acknowledged is what it is for.
func (s *Server[S]) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	for name, value := range s.Gauges {
		registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "entries_" + name, Help: "Entries in the ledger that are " + name + "."},
			func() float64 { return float64(value(s.State())) }))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		// A client that went away is no concern of the service.
		_ = encoder.Encode(s.State())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.stopping.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}
