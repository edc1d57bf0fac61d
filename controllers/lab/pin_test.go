package lab

import (
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// TestALabWaitsForItsRevision goes through the moments in which the catalog controller has not written all of it.
func TestALabWaitsForItsRevision(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	exercise := &v1beta1.Exercise{ObjectMeta: metav1.ObjectMeta{Name: "levels", UID: "e"}, Spec: describedExercise()}
	topic := &v1beta1.Topic{ObjectMeta: metav1.ObjectMeta{Name: "topic", UID: "t"}, Spec: v1beta1.TopicSpec{Exercises: []string{"levels"}}}
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hpa", UID: "u"}, Spec: v1beta1.LabSpec{Topic: "topic"}}
	bundle := catalog.NewBundle(exercise, topic, nil)
	store := fake.NewClientBuilder().WithScheme(scheme).WithObjects(exercise, topic).Build()
	r := &Reconciler{
		Client: store, Direct: store, Mapper: meta.NewDefaultRESTMapper(nil), Catalog: catalog.NewCache(),
		Settings: guardrail.Settings{OperatorNamespace: "system"},
	}
	try := func() (*scope, error) {
		s := &scope{original: lab, lab: lab.DeepCopy(), now: time.Unix(1000, 0), memory: &localState{}}
		return s, r.pin(t.Context(), s)
	}

	s, err := try()
	if !errors.Is(err, errWaiting) || s.lab.Status.Revision != "" {
		t.Fatalf("without a revision the error is %v, the revision %q", err, s.lab.Status.Revision)
	}
	if s.provisioned.Status != metav1.ConditionFalse || s.provisioned.Reason != v1beta1.ReasonRevisionPending ||
		!strings.Contains(s.provisioned.Message, "is preparing revision "+bundle.Name()) {
		t.Errorf("Provisioned is %+v", s.provisioned)
	}

	if err := store.Create(t.Context(), bundle.Revision()); err != nil {
		t.Fatal(err)
	}
	if s, err = try(); err != nil || s.lab.Status.Revision != bundle.Name() || s.lab.Status.Exercise != "levels" || s.pinned == nil {
		t.Fatalf("while its pin is missing the error is %v, the revision %q", err, s.lab.Status.Revision)
	}
	stored, err := catalog.Pin{Language: check.CurrentLanguage(), Bundle: bundle}.ControllerRevision("system")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Create(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	compiled := s.pinned
	if s, err = try(); err != nil || s.pinned != compiled {
		t.Fatalf("error %v, or the same content is compiled again", err)
	}
}

func TestOutdated(t *testing.T) {
	tests := map[string]struct {
		current catalog.Candidate
		status  metav1.ConditionStatus
		reason  string
	}{
		"the same content": {catalog.Candidate{Name: "a-1"}, metav1.ConditionFalse, v1beta1.ReasonCurrent},
		"the same content of which the cluster lacks a kind now": {
			catalog.Candidate{Name: "a-1", Refusal: &catalog.Refusal{Reason: v1beta1.ReasonInvalidExercise}}, metav1.ConditionFalse, v1beta1.ReasonCurrent},
		"other content": {catalog.Candidate{Name: "a-2"}, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged},
		"other content that cannot be used": {
			catalog.Candidate{Name: "a-2", Refusal: &catalog.Refusal{Reason: v1beta1.ReasonInvalidExercise}}, metav1.ConditionTrue, v1beta1.ReasonCatalogChanged},
		"nothing": {catalog.Candidate{Refusal: &catalog.Refusal{Reason: v1beta1.ReasonTopicNotFound}}, metav1.ConditionTrue, v1beta1.ReasonCatalogDeleted},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := outdated("a-1", tc.current, ""); got.Status != tc.status || got.Reason != tc.reason {
				t.Errorf("it is %+v", got)
			}
		})
	}
}
