package performance

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/world"
)

// crews are the numbers of hands that the bare client is tried with. It gets the best of them.
var crews = []int{16, 32, 64}

// trialLabs is with how many Labs that is tried.
const trialLabs = 24

// hall is an API server with everything that is the same for all measurements.
type hall struct {
	settings
	world *world.World
	// admin is how the learners and the harness ask.
	admin client.WithWatch
	model *model
	// hands are those of the bare client.
	hands   int
	rooms   int
	figures figures
}

// open starts an API server, and has the operator show once what it makes of a Lab.
func open(t *testing.T, s settings) *hall {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	w, err := world.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
	})
	h := &hall{settings: s, world: w}
	scheme, err := operator.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	if h.admin, err = client.NewWithWatch(connect(t, w.Config, "").config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	if err := publish(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	p := startOperator(t, w.Config)
	gomega.NewWithT(t).Eventually(func() (bool, error) {
		topic := topic()
		err := h.admin.Get(t.Context(), client.ObjectKeyFromObject(topic), topic)
		return meta.IsStatusConditionTrue(topic.Status.Conditions, v1alpha1.ConditionAccepted), err
	}).WithTimeout(patience).WithPolling(glance).Should(gomega.BeTrue(), "the catalog is accepted")
	h.learn(t, p)
	p.stop(t)
	h.hands = h.bestHands(t)
	return h
}

// room opens the next room.
func (h *hall) room(t *testing.T, size int) *room {
	t.Helper()
	h.rooms++
	r, err := openRoom(t.Context(), h.admin, fmt.Sprintf("room-%d", h.rooms), size)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// learn reads what the operator has made of a Lab when it is done.
func (h *hall) learn(t *testing.T, p *process) {
	t.Helper()
	r := h.room(t, 1)
	if _, err := r.fill(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
	p.awaitQuiet(t)
	lab := r.lab(0)
	if err := h.admin.Get(t.Context(), client.ObjectKeyFromObject(lab), lab); err != nil {
		t.Fatal(err)
	}
	revision := &appsv1.ControllerRevision{}
	name := client.ObjectKey{Namespace: world.OperatorNamespace, Name: string(lab.UID) + "-" + lab.Status.Revision}
	if err := h.admin.Get(t.Context(), name, revision); err != nil {
		t.Fatal(err)
	}
	h.model = &model{status: lab.Status, revision: revision.Data}
	for _, raw := range exercise().Spec.Setup {
		object := &unstructured.Unstructured{}
		if err := json.Unmarshal(raw.Raw, &object.Object); err != nil {
			t.Fatal(err)
		}
		h.model.setup = append(h.model.setup, object)
	}
	if _, err := r.clear(t.Context(), nobody); err != nil {
		t.Fatal(err)
	}
}

// nobody takes what is handed on where the operator sees it by itself.
func nobody(*v1alpha1.Lab) {}

// bestHands finds with how many hands the bare client is fastest.
func (h *hall) bestHands(t *testing.T) int {
	t.Helper()
	best, shortest := 0, time.Duration(0)
	for _, hands := range crews {
		b := newBare(t, h.world.Config, h.model)
		r := h.room(t, trialLabs)
		took, err := b.fill(t.Context(), r, hands)
		if err != nil {
			t.Fatalf("provision by a bare client: %v", err)
		}
		t.Logf("the bare client with %d hands provisions %d Labs in %s", hands, trialLabs, took.Round(time.Millisecond))
		if best == 0 || took < shortest {
			best, shortest = hands, took
		}
		if _, err := b.clear(t.Context(), r, hands); err != nil {
			t.Fatalf("take down by a bare client: %v", err)
		}
		b.inner.CloseIdleConnections()
	}
	return best
}
