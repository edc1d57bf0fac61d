package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// maxBody is how much of a request is read, in bytes.
const maxBody = 64 << 10

// confirmation names orders of a book.
type confirmation struct {
	Book   string  `json:"book"`
	Orders []Order `json:"orders"`
}

// Handler serves the ledger, which cannot be changed but by confirming orders, and /healthz, /readyz and /metrics.
func (s *Shop) Handler() http.Handler {
	mux := operations(func() bool { _, open := s.ledger.Current(); return open }, s.metrics()...)
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.ledger.State(time.Now())) })
	mux.HandleFunc("GET /book", func(w http.ResponseWriter, _ *http.Request) {
		book, open := s.ledger.Current()
		answer(w, map[string]any{"open": open, "book": book})
	})
	mux.HandleFunc("POST /pending", func(w http.ResponseWriter, r *http.Request) {
		if c, ok := readConfirmation(w, r); ok {
			pending, err := s.ledger.Pending(c.Book, c.Orders)
			answerOf(w, pending, err)
		}
	})
	mux.HandleFunc("POST /fulfilled", func(w http.ResponseWriter, r *http.Request) {
		if c, ok := readConfirmation(w, r); ok {
			known, err := s.ledger.Fulfill(c.Book, c.Orders)
			answerOf(w, map[string]int{"known": known}, err)
		}
	})
	return mux
}

func (s *Shop) metrics() []prometheus.Collector {
	counter := func(name, help string, value func() int) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
	}
	return []prometheus.Collector{
		counter("orders_acknowledged_total", "Orders that the broker acknowledged.", func() int { n, _, _ := s.ledger.counts(); return n }),
		counter("orders_fulfilled_total", "Orders that were fulfilled.", func() int { _, n, _ := s.ledger.counts(); return n }),
		counter("orders_repeated_total", "Confirmations of orders that were fulfilled already.", func() int { _, _, n := s.ledger.counts(); return n }),
	}
}

// Handler serves /healthz, /readyz and /metrics.
func (f *Fulfillment) Handler() http.Handler {
	return operations(f.joined.Load,
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "orders_done_total", Help: "Orders fulfilled here."},
			func() float64 { return float64(f.done.Load()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "orders_passed_over_total", Help: "Orders that were fulfilled before."},
			func() float64 { return float64(f.passedOver.Load()) }))
}

// operations serves what probes and Prometheus ask for.
func operations(ready func() bool, metrics ...prometheus.Collector) *http.ServeMux {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(metrics...)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		answer(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func readConfirmation(w http.ResponseWriter, r *http.Request) (confirmation, bool) {
	var c confirmation
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&c); err != nil {
		http.Error(w, "no orders of a book: "+err.Error(), http.StatusBadRequest)
		return c, false
	}
	return c, true
}

// answerOf answers about orders of a book, or that it is not the one that is open.
func answerOf(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	answer(w, value)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// A client that went away is no concern of the service.
	_ = json.NewEncoder(w).Encode(value)
}

// serve answers while run runs, and shuts down after it.
func serve(ctx context.Context, address string, handler http.Handler, run func(context.Context) error) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			stop(fmt.Errorf("serve: %w", err))
		}
	}()
	failed := run(ctx)
	if cause := context.Cause(ctx); failed == nil && !errors.Is(cause, context.Canceled) {
		failed = cause
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return errors.Join(failed, server.Shutdown(last))
}
