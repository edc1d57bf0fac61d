// Package upgrade starts the operator on what earlier ones left: testdata has a folder for each state of the API. It checks
// what decision 15 promises. make upgrade-fixtures adds a folder.
package upgrade

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/operator"
	"github.com/lab-operator/lab-operator/test/testenv"
)

func TestUpgrade(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	folders, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("there are no fixtures: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			s := startSite(t)
			old := read[apiextensionsv1.CustomResourceDefinition](t, filepath.Join(folder, crdsFile))
			s.installCRDs(t, "edition-old", old)
			s.load(t, folder)
			before := s.facts(t)
			s.installCRDs(t, "edition-new", presentCRDs(t))

			s.upgrade(t, before, "")
			exercise := &v1beta1.Exercise{}
			if err := s.Client.Get(t.Context(), client.ObjectKey{Name: levels}, exercise); err != nil {
				t.Fatal(err)
			}
			for i := range exercise.Spec.Tasks {
				exercise.Spec.Tasks[i].Checks = []v1beta1.Check{{Expression: "false", Expected: "the impossible"}}
			}
			if err := s.Client.Update(t.Context(), exercise); err != nil {
				t.Fatal(err)
			}
			s.upgrade(t, before, levels)
			s.downgrade(t, old)
		})
	}
}

// upgrade starts the operator on what is there, and checks that it keeps all of it and writes little. Labs on the exercise
// that has changed say so, and no others. Where one has changed, a lab goes on as it was started.
func (s *site) upgrade(t *testing.T, before map[string]any, changed string) {
	t.Helper()
	labs := &v1beta1.LabList{}
	if err := s.Client.List(t.Context(), labs); err != nil {
		t.Fatal(err)
	}
	counter := &writes{}
	config := testenv.Impersonate(s.Config, testenv.OperatorAccount)
	config.Wrap(counter.wrap)
	reconciled := reconciles(t)
	running, err := testenv.RunOperator(config, operator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	}()
	testenv.Eventually(t, patience, "all Labs are looked at", func() error {
		if done := reconciles(t) - reconciled; done < len(labs.Items) {
			return fmt.Errorf("%d reconciles of %d Labs", done, len(labs.Items))
		}
		return nil
	})
	counter.forAWhile(t)
	for lab, times := range counter.statusWrites() {
		if times > 1 {
			t.Errorf("the status of Lab %s was written %d times", lab, times)
		}
	}
	settled := counter.all()
	counter.forAWhile(t)
	if diff := cmp.Diff(settled, counter.all()); diff != "" {
		t.Errorf("the operator writes without a reason (-before +after)\n%s", diff)
	}
	t.Logf("writes after the start: %s", strings.Join(settled, ", "))

	after := s.facts(t)
	// The revision of an exercise that has changed comes in addition.
	maps.DeleteFunc(after, func(name string, _ any) bool { _, was := before[name]; return !was && changed != "" })
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the operator has changed (-before +after)\n%s", diff)
	}
	if err := s.Client.List(t.Context(), labs); err != nil {
		t.Fatal(err)
	}
	for _, lab := range labs.Items {
		if stalled := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionStalled); stalled != nil && stalled.Status == metav1.ConditionTrue {
			t.Errorf("Lab %s is stalled: %s", lab.Name, stalled.Message)
		}
		outdated := meta.IsStatusConditionTrue(lab.Status.Conditions, v1beta1.ConditionCatalogOutdated)
		if want := changed == lab.Status.Exercise; outdated != want {
			t.Errorf("Lab %s, on exercise %s: CatalogOutdated is %t, want %t", lab.Name, lab.Status.Exercise, outdated, want)
		}
	}
	if changed == "" {
		return
	}
	l := &learner{site: s, T: t, key: client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: "midway"}}
	l.work(`{"language":"en"}`)
	l.write("hi there")
	l.answer(`{"number":42}`)
	l.until("4/4", "1/4")
	testenv.Eventually(t, patience, "the review has the question", func() error {
		return s.Client.Get(t.Context(), l.key, &v1beta1.LabReview{})
	})
}

// downgrade serves the earlier kinds again, and checks that no field of ours is lost and that every object can be written.
func (s *site) downgrade(t *testing.T, old []*apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	before := s.ours(t)
	s.installCRDs(t, "edition-old-again", old)
	after := s.ours(t)
	if diff := cmp.Diff(contents(before), contents(after)); diff != "" {
		t.Errorf("the earlier version of the API does not have everything, and decision 15 wants nothing that counts in a new field alone (-new +earlier)\n%s", diff)
	}
	for _, object := range after {
		s.write(t, "update "+nameOf(object), func(c client.Client) error {
			return c.Update(t.Context(), object.DeepCopy(), client.DryRunAll, client.FieldValidation("Strict"))
		})
		if _, has := object.Object["status"]; has {
			s.write(t, "update the status of "+nameOf(object), func(c client.Client) error {
				return c.Status().Update(t.Context(), object.DeepCopy(), client.DryRunAll)
			})
		}
	}
}

// ours are the objects of our own kinds.
func (s *site) ours(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	all, err := s.collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ours []*unstructured.Unstructured
	for _, object := range all {
		if object.GetAPIVersion() == group {
			ours = append(ours, object)
		}
	}
	return ours
}

func contents(objects []*unstructured.Unstructured) map[string]any {
	contents := map[string]any{}
	for _, object := range objects {
		contents[nameOf(object)] = map[string]any{"spec": object.Object["spec"], "status": object.Object["status"]}
	}
	return contents
}

// facts are what an upgrade must keep of every object.
func (s *site) facts(t *testing.T) map[string]any {
	t.Helper()
	all, err := s.collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]any{}
	for _, object := range all {
		kept := []any{object.GetUID(), object.GetDeletionTimestamp(), object.Object["data"]}
		switch object.GetKind() {
		case "Lab":
			lab := &v1beta1.Lab{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, lab); err != nil {
				t.Fatal(err)
			}
			kept = append(kept, lab.Spec, progressOf(lab.Status))
		case "Workshop":
			status, _ := object.Object["status"].(map[string]any)
			kept = append(kept, object.Object["spec"], status["phase"], status["attendees"], status["ready"], status["started"], status["closesAt"], status["medianScorePercent"])
		case "Exercise", "LimitRange", "NetworkPolicy", "ResourceQuota", "RoleBinding": // authors and upgrades may change them
		default:
			kept = append(kept, object.Object["spec"])
		}
		facts[nameOf(object)] = kept
	}
	return facts
}

// progressOf is what counts in the status of a Lab.
func progressOf(status v1beta1.LabStatus) v1beta1.LabStatus {
	kept := v1beta1.LabStatus{
		CompletedAt: status.CompletedAt, StartedAt: status.StartedAt, Environment: status.Environment, Exercise: status.Exercise, Namespace: status.Namespace,
		Params: status.Params, Phase: status.Phase, Questions: status.Questions, QuestionsRight: status.QuestionsRight, QuestionsTotal: status.QuestionsTotal,
		Revision: status.Revision, ScorePercent: status.ScorePercent, TasksPassed: status.TasksPassed, TasksTotal: status.TasksTotal,
	}
	for _, task := range status.Tasks {
		kept.Tasks = append(kept.Tasks, v1beta1.TaskStatus{
			Name: task.Name, State: task.State, OpenedAt: task.OpenedAt, PassedAt: task.PassedAt, Outputs: task.Outputs})
	}
	return kept
}
