package upgrade

import (
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// quiet is how long an operator is watched for writes without a reason.
const quiet = 3 * time.Second

// writes are those of one operator, without its events.
type writes struct {
	mu   sync.Mutex
	sent []string
}

var eventPath = regexp.MustCompile(`/events(/|$)`)

func (w *writes) wrap(inner http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Method != http.MethodGet && !eventPath.MatchString(req.URL.Path) {
			w.mu.Lock()
			w.sent = append(w.sent, req.Method+" "+req.URL.Path)
			w.mu.Unlock()
		}
		return inner.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

func (w *writes) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.sent...)
}

// labStatus is the path of the status of a Lab.
var labStatus = regexp.MustCompile(`/namespaces/([^/]+/labs/[^/]+)/status$`)

func (w *writes) statusWrites() map[string]int {
	counts := map[string]int{}
	for _, sent := range w.all() {
		if found := labStatus.FindStringSubmatch(sent); found != nil {
			counts[found[1]]++
		}
	}
	return counts
}

// forAWhile lets the operator do what it does by itself.
func (w *writes) forAWhile(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(quiet):
	case <-t.Context().Done():
	}
}

// reconciles is how many reconciles of Labs have ended in this process.
func reconciles(t *testing.T) int {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if family.GetName() == "controller_runtime_reconcile_total" && label.GetName() == "controller" && label.GetValue() == "lab" {
					total += metric.GetCounter().GetValue()
				}
			}
		}
	}
	return int(total)
}
