package prices

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
)

// What answers when the cache fails.
const (
	FromSource = "source"
	Refuse     = "refuse"
)

// inCache is what Found-In says of a price that was kept.
const inCache = "cache"

// Headers of an answer: the pod it is from, and whether it found the price in the cache or the source.
const (
	servedBy = "Served-By"
	foundIn  = "Found-In"
)

// Server answers for prices, from the cache where there is one. It is safe for concurrent use.
type Server struct {
	Name   string
	Source *Source
	// Cache may be nil: every request is then a lookup.
	Cache *redis.Client
	// TTL is how long an entry is kept, 0 for ever.
	TTL time.Duration
	// OnFailure is FromSource or Refuse.
	OnFailure string

	draining atomic.Bool
	requests *prometheus.CounterVec
}

// Drain makes /readyz refuse from now on.
func (s *Server) Drain() { s.draining.Store(true) }

// Handler serves GET /products/NUMBER, /healthz, /readyz and /metrics.
func (s *Server) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	s.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "prices_requests_total", Help: "Requests answered, by where the price came from.",
	}, []string{"from"})
	registry.MustRegister(s.requests)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products/{product}", s.serve)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.draining.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(servedBy, s.Name)
	product, err := strconv.Atoi(r.PathValue("product"))
	if err != nil || product < 1 || product > s.Source.Products {
		http.Error(w, "there is no such product", http.StatusNotFound)
		return
	}
	price, from, err := s.find(r.Context(), product)
	if err != nil {
		s.requests.WithLabelValues("nowhere").Inc()
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.requests.WithLabelValues(from).Inc()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(foundIn, from)
	// A client that went away is no concern of the service.
	_ = json.NewEncoder(w).Encode(price)
}

func (s *Server) find(ctx context.Context, product int) (Price, string, error) {
	key := "product:" + strconv.Itoa(product)
	keep := s.Cache != nil
	if s.Cache != nil {
		text, err := s.Cache.Get(ctx, key).Bytes()
		var price Price
		switch {
		case err == nil && json.Unmarshal(text, &price) == nil:
			return price, inCache, nil
		case err != nil && !errors.Is(err, redis.Nil):
			if s.OnFailure == Refuse {
				return Price{}, "", fmt.Errorf("the cache does not answer: %w", err)
			}
			// It would not take what was found either, and the customer has waited enough.
			keep = false
		}
	}
	price, err := s.Source.Look(ctx, product)
	if err != nil {
		return Price{}, "", err
	}
	if keep {
		if text, err := json.Marshal(price); err == nil {
			// What can't be kept is looked up again.
			_ = s.Cache.Set(ctx, key, text, s.TTL).Err()
		}
	}
	return price, FromSource, nil
}
