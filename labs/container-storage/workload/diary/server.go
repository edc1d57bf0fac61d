package diary

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Page is what / answers.
type Page struct {
	// Pod and Life say who answers, as in the entries.
	Pod  string `json:"pod"`
	Life string `json:"life"`
	// Folder is where the diary is kept, and Mount where the file system is mounted that it is in: "/" for the
	// container's own.
	Folder string `json:"folder"`
	Mount  string `json:"mount"`
	// Entries are all of them, the oldest first.
	Entries []Entry `json:"entries"`
}

// Server serves a diary.
type Server struct {
	diary    *Diary
	folder   string
	crash    func()
	stopping atomic.Bool
	registry *prometheus.Registry
	written  prometheus.Counter
}

// New makes a server of a diary that is kept in a folder. crash is how /crash ends the process.
func New(d *Diary, folder string, crash func()) *Server {
	s := &Server{
		diary: d, folder: folder, crash: crash, registry: prometheus.NewRegistry(),
		written: prometheus.NewCounter(prometheus.CounterOpts{Name: "entries_written_total", Help: "Entries written by this process."}),
	}
	s.registry.MustRegister(s.written)
	return s
}

// Unready makes /readyz refuse from now on.
func (s *Server) Unready() { s.stopping.Store(true) }

// Handler serves GET / with all entries, POST /entries with a text to write, POST /crash, /healthz, /readyz and /metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("POST /entries", s.write)
	mux.HandleFunc("POST /crash", func(http.ResponseWriter, *http.Request) { s.crash() })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.stopping.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	return mux
}

func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	entries, err := s.diary.Read()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	mount, err := MountOf(s.folder)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, Page{Pod: s.diary.pod, Life: s.diary.life, Folder: s.folder, Mount: mount, Entries: entries})
}

func (s *Server) write(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxText+1))
	if err != nil {
		http.Error(w, fmt.Sprintf("read the text: %v", err), http.StatusBadRequest)
		return
	}
	entry, err := s.diary.Write(string(text))
	switch {
	case errors.Is(err, errText), errors.Is(err, errFull):
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.written.Inc()
	reply(w, entry)
}

// reply answers with JSON. A client that went away is no concern of the service.
func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value)
}
