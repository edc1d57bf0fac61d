package shortener

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/redis/go-redis/v9"
)

// What is kept in Redis.
const (
	// linksKey is a hash of addresses by code: what a code leads to.
	linksKey = "links"
	// codesKey is a hash of codes by address: an address that is brought again gets the code that it has.
	codesKey = "codes"
	// lastKey is the number of the last link, where the store counts.
	lastKey = "last"
)

const (
	// maxBody and maxURL bound what is asked for, in bytes.
	maxBody = 8 << 10
	maxURL  = 2 << 10
	// servedBy is the header that says which pod answers, storedIn the one that says which process of Redis has the links.
	servedBy = "Served-By"
	storedIn = "Stored-In"
	// storeTime is how long a request waits for the store.
	storeTime = 2 * time.Second
)

// Link is what a request for a short link is answered with.
type Link struct {
	Code string `json:"code"`
	URL  string `json:"url"`
}

// Server makes links and follows them. It is safe for concurrent use.
type Server struct {
	name     string
	store    *redis.Client
	process  *storeProcess
	next     numbering
	draining atomic.Bool
	registry *prometheus.Registry
	requests *prometheus.CounterVec
}

// New makes a server that calls itself by a name and keeps its links in a store, of whose process it learns by the client's
// connections. An error says that there is no such way to number links.
func New(name string, store *redis.Client, process *storeProcess, codes string) (*Server, error) {
	next, err := newNumbering(codes, store)
	if err != nil {
		return nil, err
	}
	s := &Server{
		name: name, store: store, process: process, next: next, registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shortener_requests_total", Help: "Requests answered, by what was asked for and status code.",
		}, []string{"kind", "code"}),
	}
	s.registry.MustRegister(s.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s, nil
}

// Drain makes /readyz refuse from now on, so that no new connections are sent here. Requests are answered still.
func (s *Server) Drain() { s.draining.Store(true) }

// Handler serves POST /links, GET /CODE, /healthz, /readyz, and /metrics in the text format of Prometheus. Whether it is
// ready does not depend on the store: when that is gone, to have no pods behind the Service helps nobody.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /links", s.counted("shorten", s.serveShorten))
	mux.HandleFunc("GET /{code}", s.counted("follow", s.serveFollow))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.draining.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

// refusal is an error with the status that it is answered with.
type refusal struct {
	status int
	error
}

// counted answers what a function refuses, and counts.
func (s *Server) counted(kind string, serve func(http.ResponseWriter, *http.Request) (int, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), storeTime)
		defer cancel()
		w.Header().Set(servedBy, s.name)
		status, err := serve(w, r.WithContext(ctx))
		if err != nil {
			// What is not the client's doing is the store's.
			status = http.StatusServiceUnavailable
			var refused *refusal
			if errors.As(err, &refused) {
				status = refused.status
			}
			http.Error(w, err.Error(), status)
		}
		s.requests.WithLabelValues(kind, strconv.Itoa(status)).Inc()
	}
}

func (s *Server) serveShorten(w http.ResponseWriter, r *http.Request) (int, error) {
	var asked struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&asked); err != nil {
		return 0, &refusal{http.StatusBadRequest, fmt.Errorf("the body must be JSON like {\"url\": \"https://example.com\"}: %w", err)}
	}
	target, err := url.Parse(asked.URL)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" || len(asked.URL) > maxURL {
		return 0, &refusal{http.StatusBadRequest, fmt.Errorf("url must be like https://example.com, with at most %d bytes", maxURL)}
	}
	link, made, err := s.shorten(r.Context(), asked.URL)
	if err != nil {
		return 0, err
	}
	text, err := json.Marshal(link)
	if err != nil {
		return 0, &refusal{http.StatusInternalServerError, err}
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(storedIn, s.process.runID())
	w.Header().Set("Location", "/"+link.Code)
	w.WriteHeader(status)
	// A client that went away is no concern of the service.
	_, _ = w.Write(append(text, '\n'))
	return status, nil
}

// shorten finds the link of an address, or makes one.
func (s *Server) shorten(ctx context.Context, address string) (link Link, made bool, err error) {
	known, err := s.store.HGet(ctx, codesKey, address).Result()
	if err == nil {
		return Link{known, address}, false, nil
	}
	if !errors.Is(err, redis.Nil) {
		return Link{}, false, unavailable(err)
	}
	number, err := s.next(ctx)
	if err != nil {
		return Link{}, false, unavailable(err)
	}
	mine := code(number)
	// The way back is written last: whoever is told a code can follow it. Nothing here looks whether the code is taken. That
	// is for the numbering to see to, and what an exercise is about.
	if err := s.store.HSet(ctx, linksKey, mine, address).Err(); err != nil {
		return Link{}, false, unavailable(err)
	}
	won, err := s.store.HSetNX(ctx, codesKey, address, mine).Result()
	if err != nil {
		return Link{}, false, unavailable(err)
	}
	if won {
		return Link{mine, address}, true, nil
	}
	// Somebody else brought the same address at the same time, and was faster.
	if err := s.store.HDel(ctx, linksKey, mine).Err(); err != nil {
		return Link{}, false, unavailable(err)
	}
	known, err = s.store.HGet(ctx, codesKey, address).Result()
	if err != nil {
		return Link{}, false, unavailable(err)
	}
	return Link{known, address}, false, nil
}

func (s *Server) serveFollow(w http.ResponseWriter, r *http.Request) (int, error) {
	address, err := s.store.HGet(r.Context(), linksKey, r.PathValue("code")).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return 0, &refusal{http.StatusNotFound, errors.New("there is no such link")}
	case err != nil:
		return 0, unavailable(err)
	}
	// Found, and not moved for good: a browser that remembers would not ask again, and nothing could be counted or changed.
	w.Header().Set(storedIn, s.process.runID())
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
	return http.StatusFound, nil
}

func unavailable(err error) error { return fmt.Errorf("the store does not answer: %w", err) }
