package lab

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/params"
)

const (
	// largestStatus is the size in bytes of JSON that the status of a Lab has at most: the API server's work for a write grows
	// with it.
	largestStatus = 5 << 10
	// observedLength is the length of a text of what was observed, in characters: 60 is the average in runs of the solutions.
	observedLength = 60
)

// TestStatusesStaySmall goes through the life of a lab of each exercise of the catalog: task after task is open, none of its
// checks is met, all its hints are due, the questions of the tasks before it are settled, and the one that is shown was
// answered wrongly, with its longest feedback. What a run of the solution writes is held to the same by the contract suite.
func TestStatusesStaySmall(t *testing.T) {
	exercises, keys := map[string]*v1beta1.Exercise{}, map[string]*v1beta1.AnswerKey{}
	for _, exercise := range read[v1beta1.Exercise](t, "labs/*/exercise.yaml", "Exercise") {
		exercises[exercise.Name] = exercise
	}
	for _, key := range read[v1beta1.AnswerKey](t, "content/*.yaml", "AnswerKey") {
		keys[key.Name] = key
	}
	measured := 0
	for _, topic := range read[v1beta1.Topic](t, "content/*.yaml", "Topic") {
		for _, name := range topic.Spec.Exercises {
			exercise := exercises[name]
			if exercise == nil {
				continue
			}
			measured++
			t.Run(name, func(t *testing.T) {
				compiled, problems := catalog.Compile(catalog.Pin{Language: check.CurrentLanguage(), Bundle: catalog.NewBundle(exercise, topic, keys[topic.Name])})
				if len(problems) > 0 {
					t.Fatalf("the exercise cannot be used: %v", problems)
				}
				var sizes []int
				for passed := range len(exercise.Spec.Tasks) + 1 {
					sizes = append(sizes, sizeOf(t, largestWith(t, compiled, topic, passed)))
				}
				t.Logf("%s: %d bytes at the start, %d midway, %d at the end, %d at most",
					name, sizes[0], sizes[len(sizes)/2], sizes[len(sizes)-1], slices.Max(sizes))
				if most := slices.Max(sizes); most > largestStatus {
					t.Errorf("with %d tasks passed the status has %d bytes, more than %d: shorten the texts of that task and its hints, or the largest question",
						slices.Index(sizes, most), most, largestStatus)
				}
			})
		}
	}
	if measured < 12 {
		t.Errorf("%d exercises were measured", measured)
	}
}

// largestWith is the largest status of a lab with so many tasks passed.
func largestWith(t *testing.T, compiled *catalog.Compiled, topic *v1beta1.Topic, passed int) *v1beta1.LabStatus {
	t.Helper()
	now := began.Add(24 * time.Hour)
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: "workshop-attendee", Name: compiled.Bundle.ExerciseName, Generation: 1},
		Spec:       v1beta1.LabSpec{Topic: topic.Name, Environment: v1beta1.EnvironmentPresent},
	}
	s := &scope{original: lab, lab: lab.DeepCopy(), now: now, memory: &localState{}, namespace: "lab-" + lab.Name, pinned: compiled, topic: topic}
	status := &s.lab.Status
	status.Exercise, status.Namespace, status.Revision = compiled.Bundle.ExerciseName, s.namespace, compiled.Name
	status.StartedAt = ptr.To(metav1.NewTime(began))
	status.Environment = &v1beta1.LabEnvironment{NamespaceUID: strings.Repeat("u", 36), SetupHash: compiled.Hash, StartedAt: status.StartedAt}
	offered := compiled.Bundle.Exercise.Params
	status.Params = params.Draw("workshop-attendee/lab", offered, nil)
	s.params = params.Values(offered, status.Params)
	s.provisioned = conditions.True(v1beta1.ReasonProvisioned, "The exercise is set up in namespace "+s.namespace)
	s.ready = conditions.True(v1beta1.ReasonReady, "You can work in namespace "+s.namespace+". For a fresh environment, set spec.environment to Absent, then to Present: passed tasks stay passed")

	for i, spec := range compiled.Bundle.Exercise.Tasks {
		task := v1beta1.TaskStatus{Name: spec.Name, OpenedAt: status.StartedAt}
		if i < passed {
			task.State, task.PassedAt, task.Outputs = v1beta1.TaskPassed, status.StartedAt, map[string]string{}
			for name := range spec.Outputs {
				task.Outputs[name] = strings.Repeat("o", 36)
			}
		}
		status.Tasks = append(status.Tasks, task)
	}
	result := compiled.Checks.Evaluate(t.Context(), s.input())
	s.judged, s.evaluated, status.Tasks = true, &result, nil
	for i := range result.Tasks {
		for j := range result.Tasks[i].Checks {
			result.Tasks[i].Checks[j].Observed = strings.Repeat("x", observedLength)
		}
		status.Tasks = append(status.Tasks, taskStatus(&result.Tasks[i]))
	}
	if passed == len(result.Tasks) {
		s.complete()
	}
	if err := (&Reconciler{}).grade(t.Context(), s); err != nil {
		t.Fatalf("grade: %v", err)
	}
	s.mark(sorted{})
	s.summarize()
	s.answerReached()
	return status
}

// answerReached settles the questions of the tasks that are passed, and answers the one that is shown wrongly.
func (s *scope) answerReached() {
	status := &s.lab.Status
	for i := range s.graded {
		if g := &s.graded[i]; s.passed(g.input.Question.Task) {
			g.grade.State = v1beta1.QuestionRight
			status.Questions = append(status.Questions, v1beta1.QuestionStatus{ID: g.input.Question.ID, State: v1beta1.QuestionRight, AttemptsLeft: 3})
		}
	}
	status.Current.TaskQuestion = s.currentQuestion()
	shown := status.Current.TaskQuestion
	if shown == nil {
		return
	}
	status.Questions = append(status.Questions, v1beta1.QuestionStatus{
		ID: shown.ID, State: v1beta1.QuestionWrong, Attempts: []string{"a-wrong-option"}, AttemptsLeft: 2,
	})
	for _, answer := range s.pinned.Bundle.Answers {
		if answer.ID != shown.ID {
			continue
		}
		shown.Feedback = answer.Feedback
		for _, feedback := range answer.OptionFeedback {
			if len(feedback.Text) > len(shown.Feedback) {
				shown.Feedback = feedback.Text
			}
		}
	}
}

func sizeOf(t *testing.T, status *v1beta1.LabStatus) int {
	t.Helper()
	data, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	return len(data)
}

// read reads the objects of a kind in some files of the checkout.
func read[T any](t *testing.T, pattern, kind string) []*T {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", pattern))
	if err != nil {
		t.Fatal(err)
	}
	var found []*T
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(content, []byte("\n---\n")) {
			object := new(T)
			var meta metav1.TypeMeta
			if err := yaml.Unmarshal(document, &meta); err != nil || meta.Kind != kind {
				continue
			}
			if err := yaml.UnmarshalStrict(document, object); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			found = append(found, object)
		}
	}
	return found
}
