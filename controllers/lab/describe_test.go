package lab

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/describe"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/golden"
)

// began is when the lab of the goldens was started.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestDescribeReadsWell(t *testing.T) {
	high, low := map[string]any{"data": map[string]any{"level": "high"}}, map[string]any{"data": map[string]any{"level": "low"}}
	seen := func(value any) check.Observation { return check.Observation{State: check.Seen, Value: value} }
	answers := map[string]intstr.IntOrString{"k8s-04": intstr.FromInt32(15)}
	tests := map[string]struct {
		looks   []check.Snapshot // one after the other, a minute apart
		answers map[string]intstr.IntOrString
		notices []string
	}{
		"started": {looks: []check.Snapshot{{"settings": seen(low), "marks": seen([]any{})}}},
		"midway": {
			looks:   []check.Snapshot{{"settings": seen(high), "marks": seen([]any{})}},
			answers: answers,
			notices: []string{`pods of ReplicaSet load-5f are refused: pods "load-5f-x" is forbidden: violates PodSecurity "restricted:v1.37"`},
		},
		"completed": {
			looks: []check.Snapshot{
				{"settings": seen(high), "marks": seen([]any{})}, {"settings": seen(high), "marks": seen([]any{map[string]any{}})},
			},
			answers: map[string]intstr.IntOrString{"k8s-04": intstr.FromInt32(300)},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := &v1beta1.Lab{
				TypeMeta:   metav1.TypeMeta{APIVersion: v1beta1.GroupVersion.String(), Kind: "Lab"},
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hpa", UID: "2f1c", Generation: 1, CreationTimestamp: metav1.NewTime(began)},
				Spec:       v1beta1.LabSpec{Topic: "kubernetes", Environment: v1beta1.EnvironmentPresent, Answers: tc.answers},
			}
			for i, look := range tc.looks {
				lab = judged(t, lab, look, tc.notices, began.Add(time.Duration(i)*time.Minute))
			}
			golden.Compare(t, filepath.Join("testdata", "describe_"+name+".golden"), described(t, lab))
		})
	}
}

// judged is a Lab with the status that it has after one look.
func judged(t *testing.T, lab *v1beta1.Lab, seen check.Snapshot, notices []string, now time.Time) *v1beta1.Lab {
	t.Helper()
	exercise := &v1beta1.Exercise{ObjectMeta: metav1.ObjectMeta{Name: "hpa-scaling"}, Spec: describedExercise()}
	question := v1beta1.Question{
		ID: "k8s-04", InterviewQuestion: "Why does it take so long?", Prompt: "After how many seconds does it scale in, by default?",
		Type: v1beta1.QuestionTypeNumber, Unit: "seconds", Exercise: "hpa-scaling", Task: "mark", Attempts: 3,
	}
	topic := &v1beta1.Topic{ObjectMeta: metav1.ObjectMeta{Name: "kubernetes"}, Spec: v1beta1.TopicSpec{
		Exercises: []string{"hpa-scaling", "rollouts"}, Questions: []v1beta1.Question{question}}}
	key := &v1beta1.AnswerKey{Spec: v1beta1.AnswerKeySpec{Topic: "kubernetes", Answers: []v1beta1.Answer{{
		ID: "k8s-04", Number: &v1beta1.NumberAnswer{Value: "300"}, Feedback: "That is how often it looks, not how long it waits.",
		ModelAnswer: "Five minutes: the highest recommendation of that time counts.",
	}}}}
	compiled, problems := catalog.Compile(catalog.Pin{Language: check.CurrentLanguage(), Bundle: catalog.NewBundle(exercise, topic, key)})
	if len(problems) > 0 {
		t.Fatalf("the exercise of the test cannot be used: %v", problems)
	}
	s := &scope{original: lab, lab: lab.DeepCopy(), now: now, memory: &localState{}, namespace: "lab-hpa", pinned: compiled, topic: topic, hints: notices}
	status := &s.lab.Status
	status.Exercise, status.Namespace, status.Revision = "hpa-scaling", "lab-hpa", "838d905ce47b50d9"
	status.StartedAt = ptr.To(metav1.NewTime(began))
	status.Environment = &v1beta1.LabEnvironment{NamespaceUID: "9a3e", SetupHash: compiled.Hash, StartedAt: status.StartedAt}
	status.Environment.SetupHash = status.Revision
	s.snapshot = seen
	s.provisioned = conditions.True(v1beta1.ReasonProvisioned, "The exercise is set up in namespace lab-hpa")
	s.ready = conditions.True(v1beta1.ReasonReady, "You can work in namespace lab-hpa. For a fresh environment, set spec.environment to Absent, then to Present: passed tasks stay passed")
	s.outdated = outdated(compiled.Name, catalog.Candidate{Name: compiled.Name}, "")

	r := &Reconciler{Clock: clocktesting.NewFakeClock(now)}
	result := compiled.Checks.Evaluate(t.Context(), s.input())
	s.judged, s.evaluated, status.Tasks = true, &result, nil
	for i := range result.Tasks {
		status.Tasks = append(status.Tasks, taskStatus(&result.Tasks[i]))
	}
	if result.Completed {
		s.complete()
	}
	if err := r.grade(t.Context(), s); err != nil {
		t.Fatalf("grade: %v", err)
	}
	s.mark(sorted{})
	s.summarize()
	return s.lab
}

func describedExercise() v1beta1.ExerciseSpec {
	return v1beta1.ExerciseSpec{
		Title: "Raise a level", Incident: "a level was low for hours and nobody knew why",
		Evidence: []v1beta1.Evidence{
			{Name: "settings", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "settings"}},
			{Name: "marks", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": "mark"}}},
		},
		Tasks: []v1beta1.Task{
			{
				Name: "raise", Title: "Raise the level to high", Points: 2,
				Instructions: "The level stands in the ConfigMap settings.\nThe service reads it again by itself.",
				Outputs:      map[string]string{"level": "settings.data.level"},
				Checks: []v1beta1.Check{{
					Expression: "settings.data.level == 'high'", Expected: "the level is high", Observed: "'the level is ' + settings.data.level",
				}},
				Hints: []v1beta1.Hint{{Text: "kubectl explain configmap.data shows where it stands."}},
			},
			{
				Name: "mark", Title: "Mark the work as done", Points: 1, DependsOn: []string{"raise"},
				Instructions: "Whoever is on call next wants to see that it was you: a ConfigMap with the label kind=mark says so.",
				Checks: []v1beta1.Check{
					{Expression: "settings.data.level == 'high'", Expected: "the level is still high"},
					{Expression: "marks.size() == 1", Expected: "there is one mark", Observed: "string(marks.size()) + ' marks'"},
				},
			},
		},
	}
}

// described is what kubectl describe prints of a Lab, but for its events.
func described(t *testing.T, lab *v1beta1.Lab) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(lab); err != nil {
			t.Errorf("encode the Lab: %v", err)
		}
	}))
	defer server.Close()
	mapping := &meta.RESTMapping{
		Resource: v1beta1.GroupVersion.WithResource("labs"), GroupVersionKind: v1beta1.GroupVersion.WithKind("Lab"), Scope: meta.RESTScopeNamespace,
	}
	describer, ok := describe.GenericDescriberFor(mapping, &rest.Config{Host: server.URL})
	if !ok {
		t.Fatal("there is no describer")
	}
	text, err := describer.Describe(lab.Namespace, lab.Name, describe.DescriberSettings{})
	if err != nil {
		t.Fatalf("describe: %v", err)
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
