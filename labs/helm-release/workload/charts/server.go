package charts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server hands out charts. It is safe for concurrent use.
type Server struct {
	charts []Chart
	index  []byte
	// downloads counts how often each archive was handed out, in the order of charts.
	downloads []atomic.Int64
	draining  atomic.Bool
	registry  *prometheus.Registry
}

// New makes a server of charts.
func New(charts []Chart) (*Server, error) {
	contents, err := index(charts)
	if err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	s := &Server{charts: charts, index: contents, downloads: make([]atomic.Int64, len(charts)), registry: prometheus.NewRegistry()}
	for i := range charts {
		s.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "chart_downloads_total", Help: "Archives handed out, by file.", ConstLabels: prometheus.Labels{"file": charts[i].File},
		}, func() float64 { return float64(s.downloads[i].Load()) }))
	}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s, nil
}

// Drain makes /readyz refuse from now on, so that no new connections are sent here.
func (s *Server) Drain() { s.draining.Store(true) }

// Handler serves the repository, /downloads with the number of downloads of each archive as JSON, /healthz, /readyz, and
// /metrics in the text format of Prometheus.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /index.yaml", func(w http.ResponseWriter, _ *http.Request) { answer(w, "application/yaml", s.index) })
	for i, chart := range s.charts {
		mux.HandleFunc("GET /"+chart.File, func(w http.ResponseWriter, r *http.Request) {
			// To ask how large it is, by HEAD, is no download.
			if r.Method == http.MethodGet {
				s.downloads[i].Add(1)
			}
			answer(w, "application/gzip", chart.Archive)
		})
	}
	mux.HandleFunc("GET /downloads", s.serveDownloads)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, "text/plain", []byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.draining.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		answer(w, "text/plain", []byte("ok\n"))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

func (s *Server) serveDownloads(w http.ResponseWriter, _ *http.Request) {
	counts := make(map[string]int64, len(s.charts))
	for i, chart := range s.charts {
		counts[chart.File] = s.downloads[i].Load()
	}
	text, err := json.Marshal(counts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, "application/json", append(text, '\n'))
}

// answer writes a body. A client that went away is no concern of the service.
func answer(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body)
}
