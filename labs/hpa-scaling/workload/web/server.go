package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// errBusy means that too many requests wait already.
var errBusy = errors.New("too many requests are waiting")

// Options say how the service behaves.
type Options struct {
	// Name is what the service calls itself in its answers: the name of the pod.
	Name string
	// Burn is the CPU time that a request costs. Zero is nothing.
	Burn time.Duration
	// Parallel is the number of requests that are worked on at the same time, at least 1.
	Parallel int
	// Queue is the number of requests that may wait for their turn, 0 or more. One more is answered with 503.
	Queue int
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	options  Options
	draining atomic.Bool
	// waiting has room for all requests that are in work or wait, and turns for those in work.
	waiting, turns chan struct{}

	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration prometheus.Histogram
	burnt    prometheus.Counter
}

// New makes a server. An error says which option is out of bounds.
func New(options Options) (*Server, error) {
	switch {
	case options.Burn < 0 || options.Burn > time.Minute:
		return nil, fmt.Errorf("burn is %v: it must be from 0s to 1m", options.Burn)
	case options.Parallel < 1 || options.Parallel > 1024:
		return nil, fmt.Errorf("parallel is %d: it must be from 1 to 1024", options.Parallel)
	case options.Queue < 0 || options.Queue > 10_000:
		return nil, fmt.Errorf("queue is %d: it must be from 0 to 10000", options.Queue)
	}
	s := &Server{
		options:  options,
		waiting:  make(chan struct{}, options.Parallel+options.Queue),
		turns:    make(chan struct{}, options.Parallel),
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered, by status code.",
		}, []string{"code"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time from a request to its answer, waiting included.",
			Buckets: []float64{.005, .01, .02, .05, .1, .2, .5, 1, 2, 5},
		}),
		burnt: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnt_cpu_seconds_total", Help: "CPU time used up for answered requests.",
		}),
	}
	s.registry.MustRegister(s.requests, s.duration, s.burnt,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s, nil
}

// Drain makes /readyz refuse from now on, so that no new connections are sent here. Requests are answered still.
func (s *Server) Drain() { s.draining.Store(true) }

// Handler serves / with the work, /healthz, /readyz, and /metrics in the text format of Prometheus.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.serveWork)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.draining.Load() {
			answer(w, http.StatusServiceUnavailable, "shutting down")
			return
		}
		answer(w, http.StatusOK, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

// serveWork answers one request with its cost in CPU time.
func (s *Server) serveWork(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	code, text := http.StatusOK, "hello from "+s.options.Name
	switch err := s.work(r.Context()); {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "1")
		code, text = http.StatusServiceUnavailable, err.Error()
	case r.Context().Err() != nil:
		// Nobody reads this answer. The code is the one that is usual in logs for a client that went away.
		code, text = 499, "the client went away"
	case err != nil:
		code, text = http.StatusInternalServerError, err.Error()
	}
	answer(w, code, text)
	s.requests.WithLabelValues(strconv.Itoa(code)).Inc()
	s.duration.Observe(time.Since(start).Seconds())
}

// work waits for its turn and burns. A request whose client goes away leaves the queue.
func (s *Server) work(ctx context.Context) error {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return errBusy
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := burn(ctx, s.options.Burn); err != nil {
		return err
	}
	s.burnt.Add(s.options.Burn.Seconds())
	return nil
}

// answer writes a line of text.
func answer(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	// A client that went away is no concern of the service.
	_, _ = fmt.Fprintln(w, text)
}
