package ledger

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server tells what a writer knows.
type Server struct {
	writer   *Writer
	stopping atomic.Bool
}

// Unready makes /readyz refuse from now on.
func (s *Server) Unready() { s.stopping.Store(true) }

// Handler serves GET / with the state as JSON, /healthz, /readyz, and /metrics in the text format of Prometheus. It is ready
// without a database: to tell that nothing is acknowledged is what it is for.
func (s *Server) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	for name, value := range map[string]func(State) int{
		"acknowledged": func(s State) int { return s.Acknowledged },
		"refused":      func(s State) int { return s.Refused },
		"unknown":      func(s State) int { return s.Unknown },
		"missing":      func(s State) int { return s.Audit.Missing },
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "entries_" + name, Help: "Entries in the ledger that are " + name + "."},
			func() float64 { return float64(value(s.writer.State())) }))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		// A client that went away is no concern of the service.
		_ = encoder.Encode(s.writer.State())
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
