package pipeline

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// State is how far a batch has come.
type State string

const (
	// StateTaken is a batch that was ingested.
	StateTaken State = "taken"
	// StateRejected is a batch that validation refused.
	StateRejected State = "rejected"
	// StateTrained is a batch of which there is a model.
	StateTrained State = "trained"
)

// Batch is what the registry knows of a batch. It never says which batches are poisoned.
type Batch struct {
	Number int   `json:"number"`
	State  State `json:"state"`
	// TakenAt is when it was ingested.
	TakenAt time.Time `json:"takenAt"`
	// Pod that came so far with it, as it says, and From the address that it said so from.
	Pod  string `json:"pod"`
	From string `json:"from"`
	// Training tells that somebody began to train on it.
	Training bool `json:"training"`
	// Refused tells that validation refused it, also where a model was trained of it all the same.
	Refused bool `json:"refused"`
	// BadPercent is the share of rows that are no plausible rides, in percent, to one decimal; 0 until it was refused.
	BadPercent float64 `json:"badPercent"`
	// Error of its model on rides that no batch has, in euros, to the cent; 0 without a model.
	Error float64 `json:"error"`
}

// Registry hands out batches and judges models.
type Registry struct {
	seed string

	mu      sync.Mutex
	batches []*Batch
	serving *Batch // the one of the newest model

	unready atomic.Bool
	metrics *prometheus.Registry
}

// NewRegistry makes a registry whose batches are drawn from a seed.
func NewRegistry(seed string) *Registry {
	r := &Registry{seed: seed, metrics: prometheus.NewRegistry()}
	r.metrics.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "pipeline_model_error_euros", Help: "Error of the model that serves, on rides that no batch has."},
		func() float64 {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.serving == nil {
				return math.NaN()
			}
			return r.serving.Error
		}))
	return r
}

// Unready makes /readyz refuse.
func (r *Registry) Unready() { r.unready.Store(true) }

// report is what a step says of a batch.
type report struct {
	Pod string `json:"pod"`
	// Checksum of the batch as the step read it.
	Checksum string `json:"checksum"`
	// Model is given by submit alone.
	Model *Model `json:"model,omitempty"`
}

// Handler answers / with what has become of all batches, POST /batches with the next one, and takes the reports of steps.
func (r *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", r.list)
	mux.HandleFunc("POST /batches", r.take)
	mux.HandleFunc("POST /batches/{number}/training", r.about(func(b *Batch, _ []ride, _ report) error { b.Training = true; return nil }))
	mux.HandleFunc("POST /batches/{number}/rejection", r.about(r.reject))
	mux.HandleFunc("POST /batches/{number}/model", r.about(r.judge))
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if r.unready.Load() {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.metrics, promhttp.HandlerOpts{}))
	return mux
}

func (r *Registry) list(w http.ResponseWriter, _ *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answer(w, map[string]any{"batches": append([]*Batch{}, r.batches...), "serving": r.serving})
}

// maxBatches and maxRefused bound what the list holds: of the batches that were not refused, and of those that were, the oldest
// are left out. What somebody has refused is asked about later.
const (
	maxBatches = 50
	maxRefused = 100
)

// forget leaves out the oldest batch, of those that were refused or of the others, where there are too many of them.
func (r *Registry) forget(refused bool, most int) {
	oldest, count := -1, 0
	for i, b := range r.batches {
		if b.Refused == refused {
			if oldest < 0 {
				oldest = i
			}
			count++
		}
	}
	if count > most {
		r.batches = slices.Delete(r.batches, oldest, oldest+1)
	}
}

func (r *Registry) take(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	number := 1
	if len(r.batches) > 0 {
		number = r.batches[len(r.batches)-1].Number + 1
	}
	r.batches = append(r.batches, &Batch{
		Number: number, State: StateTaken, TakenAt: time.Now().UTC(), Pod: request.URL.Query().Get("pod"), From: sender(request),
	})
	r.forget(false, maxBatches)
	r.forget(true, maxRefused)
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set(batchHeader, strconv.Itoa(number))
	_, _ = w.Write(encoded(drawn(r.seed, number))) // a reader that went away takes the next batch
}

// sender is the address that a request comes from.
func sender(request *http.Request) string {
	address, err := netip.ParseAddrPort(request.RemoteAddr)
	if err != nil {
		return ""
	}
	return address.Addr().Unmap().String()
}

// batchHeader has the number of a batch.
const batchHeader = "Batch"

// about finds the batch that a report is about, and refuses a report of other data.
func (r *Registry) about(do func(b *Batch, rides []ride, said report) error) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		var said report
		if err := json.NewDecoder(http.MaxBytesReader(w, request.Body, 1<<12)).Decode(&said); err != nil {
			http.Error(w, "a report is JSON with pod and checksum: "+err.Error(), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, b := range r.batches {
			if strconv.Itoa(b.Number) != request.PathValue("number") {
				continue
			}
			rides := drawn(r.seed, b.Number)
			if said.Checksum != checksum(encoded(rides)) {
				http.Error(w, fmt.Sprintf("batch %d has another checksum than %q", b.Number, said.Checksum), http.StatusConflict)
				return
			}
			if err := do(b, rides, said); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			b.Pod, b.From = said.Pod, sender(request)
			answer(w, b)
			return
		}
		http.Error(w, "nobody has taken batch "+request.PathValue("number"), http.StatusNotFound)
	}
}

func (r *Registry) reject(b *Batch, rides []ride, _ report) error {
	if b.State == StateTaken {
		b.State = StateRejected
	}
	b.Refused = true
	b.BadPercent = math.Round(float64(implausible(rides))/float64(len(rides))*1000) / 10
	return nil
}

// maxDifference is how far the coefficients of a model may be from those that training on the batch gives.
const maxDifference = 1e-6

func (r *Registry) judge(b *Batch, rides []ride, said report) error {
	if said.Model == nil {
		return fmt.Errorf("there is no model in the report of batch %d", b.Number)
	}
	if !b.Training {
		return fmt.Errorf("nobody has trained on batch %d", b.Number)
	}
	read, err := decoded(encoded(rides)) // as the line has them, rounded
	if err != nil {
		return err
	}
	fit, err := fitted(read)
	if err != nil {
		return err
	}
	if said.Model.differs(fit) {
		return fmt.Errorf("training on batch %d gives another model", b.Number)
	}
	b.State = StateTrained
	b.Error = math.Round(said.Model.errorOn(drawn(r.seed, 0))*100) / 100
	r.serving = b
	return nil
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // a reader that went away asks again
}
