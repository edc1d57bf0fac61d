package performance

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/fixture"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// workerCounts are the numbers of workers that the baseline client is tried with. It gets the best
// of them.
var workerCounts = []int{16, 32, 64}

// trialLabs is the number of Labs of such a trial.
const trialLabs = 24

// harness is an API server with everything that is the same for all measurements.
type harness struct {
	settings
	env *testenv.Environment
	// admin is the client of the learners and of the harness.
	admin    client.WithWatch
	template *labTemplate
	// workers is the number of workers of the baseline client.
	workers int
	fleets  int
	figures figures
}

// newHarness starts an API server, and has the operator provision one Lab as a template for the
// baseline client.
func newHarness(t *testing.T, s settings) *harness {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	w, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
	})
	h := &harness{settings: s, env: w}
	scheme, err := operator.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	if h.admin, err = client.NewWithWatch(connect(t, w.Config, "").config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	if err := fixture.Publish(t.Context(), h.admin, exercise(), answerKey(), topic()); err != nil {
		t.Fatal(err)
	}
	p := startOperator(t, w.Config)
	gomega.NewWithT(t).Eventually(func() (bool, error) {
		topic := topic()
		err := h.admin.Get(t.Context(), client.ObjectKeyFromObject(topic), topic)
		return meta.IsStatusConditionTrue(topic.Status.Conditions, v1beta1.ConditionAccepted), err
	}).WithTimeout(timeout).WithPolling(pollInterval).Should(gomega.BeTrue(), "the catalog is accepted")
	h.recordTemplate(t, p)
	p.stop(t)
	h.workers = h.bestWorkerCount(t)
	return h
}

// newFleet creates the next fleet.
func (h *harness) newFleet(t *testing.T, size int) *fleet {
	t.Helper()
	h.fleets++
	f, err := createFleet(t.Context(), h.admin, fmt.Sprintf("fleet-%d", h.fleets), size)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// recordTemplate reads what the operator has created for a Lab when it is done.
func (h *harness) recordTemplate(t *testing.T, p *process) {
	t.Helper()
	f := h.newFleet(t, 1)
	if _, err := f.provision(t.Context(), ignoreLab); err != nil {
		t.Fatal(err)
	}
	p.awaitQuiet(t)
	lab := f.lab(0)
	if err := h.admin.Get(t.Context(), client.ObjectKeyFromObject(lab), lab); err != nil {
		t.Fatal(err)
	}
	h.template = &labTemplate{status: lab.Status}
	for _, raw := range exercise().Spec.Setup {
		object := &unstructured.Unstructured{}
		if err := json.Unmarshal(raw.Raw, &object.Object); err != nil {
			t.Fatal(err)
		}
		h.template.setup = append(h.template.setup, object)
	}
	if _, err := f.tearDown(t.Context(), ignoreLab); err != nil {
		t.Fatal(err)
	}
}

// ignoreLab is for an operator, which watches Labs by itself.
func ignoreLab(*v1beta1.Lab) {}

// bestWorkerCount finds with how many workers the baseline client is fastest.
func (h *harness) bestWorkerCount(t *testing.T) int {
	t.Helper()
	best, shortest := 0, time.Duration(0)
	for _, workers := range workerCounts {
		b := newBaselineClient(t, h.env.Config, h.template)
		f := h.newFleet(t, trialLabs)
		took, err := b.provisionFleet(t.Context(), f, workers)
		if err != nil {
			t.Fatalf("provision by the baseline client: %v", err)
		}
		t.Logf("the baseline client with %d workers provisions %d Labs in %s", workers, trialLabs, took.Round(time.Millisecond))
		if best == 0 || took < shortest {
			best, shortest = workers, took
		}
		if _, err := b.tearDownFleet(t.Context(), f, workers); err != nil {
			t.Fatalf("tear down by the baseline client: %v", err)
		}
		b.inner.CloseIdleConnections()
	}
	return best
}
