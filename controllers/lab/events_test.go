package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestTransitions(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	condition := func(kind string, status metav1.ConditionStatus, reason string) metav1.Condition {
		return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: "it says " + reason}
	}
	task := func(state v1beta1.TaskState, passed bool) v1beta1.LabStatus {
		status := v1beta1.TaskStatus{Name: "raise", State: state}
		if passed {
			status.PassedAt = &at
		}
		return v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{status}}
	}
	question := func(state v1beta1.QuestionState) v1beta1.LabStatus {
		return v1beta1.LabStatus{Questions: []v1beta1.QuestionStatus{{ID: "q-1", State: state}}}
	}
	conditions := func(all ...metav1.Condition) v1beta1.LabStatus { return v1beta1.LabStatus{Conditions: all} }
	provisioning := condition("Provisioned", metav1.ConditionFalse, "Provisioning")
	provisioned := condition("Provisioned", metav1.ConditionTrue, "Provisioned")
	lab := func(status v1beta1.LabStatus) *v1beta1.Lab {
		return &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: "learners", Name: "levels"}, Status: status}
	}
	title := func(string) string { return "Raise it" }
	const read = ". Read the model answer with: kubectl -n learners get labreview levels -o yaml"
	calm := condition("Stalled", metav1.ConditionFalse, "None")
	stalled := condition("Stalled", metav1.ConditionTrue, "InvalidExercise")

	tests := map[string]struct {
		before, after v1beta1.LabStatus
		want          []string
	}{
		"nothing happened":                {conditions(provisioned, calm), conditions(provisioned, calm), nil},
		"a start is not worth an event":   {v1beta1.LabStatus{}, conditions(provisioning, calm), nil},
		"it is set up":                    {conditions(provisioning), conditions(provisioned), []string{"Normal Provisioned: it says Provisioned"}},
		"it stalls, which is a warning":   {conditions(calm), conditions(stalled), []string{"Warning InvalidExercise: it says InvalidExercise"}},
		"it stalls from the start":        {v1beta1.LabStatus{}, conditions(stalled), []string{"Warning InvalidExercise: it says InvalidExercise"}},
		"it stalls no more, quietly":      {conditions(stalled), conditions(calm), nil},
		"a task is passed":                {task(v1beta1.TaskPending, false), task(v1beta1.TaskPassed, true), []string{"Normal TaskPassed: Passed task raise: Raise it"}},
		"a task was passed before":        {task(v1beta1.TaskPassed, true), task(v1beta1.TaskPassed, true), nil},
		"a task seen passed for the 1st":  {v1beta1.LabStatus{}, task(v1beta1.TaskPassed, true), []string{"Normal TaskPassed: Passed task raise: Raise it"}},
		"a continuous task is taken back": {task(v1beta1.TaskPassed, true), task(v1beta1.TaskPending, true), nil},
		"an answer is right":              {question(v1beta1.QuestionOpen), question(v1beta1.QuestionRight), []string{"Normal AnswerRight: Question q-1 is answered correctly" + read}},
		"an answer is wrong":              {question(v1beta1.QuestionOpen), question(v1beta1.QuestionWrong), nil},
		"the attempts are used": {question(v1beta1.QuestionWrong), question(v1beta1.QuestionExhausted),
			[]string{"Normal AttemptsUsed: No attempts are left for question q-1" + read}},
		"it is completed": {v1beta1.LabStatus{}, v1beta1.LabStatus{CompletedAt: &at, Next: "Well done."}, []string{"Normal Completed: Well done."}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range transitions(&v1beta1.Lab{Status: tc.before}, lab(tc.after), title) {
				got = append(got, e.kind+" "+e.reason+": "+e.note)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// The recorder takes events of one revision of an object for one when they differ in their notes alone.
func TestEventsAtTheSameTimeStayApart(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	var after v1beta1.LabStatus
	for _, name := range []string{"first", "second"} {
		after.Tasks = append(after.Tasks, v1beta1.TaskStatus{Name: name, State: v1beta1.TaskPassed, PassedAt: &at})
		after.Questions = append(after.Questions, v1beta1.QuestionStatus{ID: "q-" + name, State: v1beta1.QuestionRight},
			v1beta1.QuestionStatus{ID: "e-" + name, State: v1beta1.QuestionExhausted})
	}
	seen := map[[3]string]string{}
	for _, e := range transitions(&v1beta1.Lab{}, &v1beta1.Lab{Status: after}, func(task string) string { return task }) {
		key := [3]string{e.kind, e.reason, e.action}
		if other, doubled := seen[key]; doubled {
			t.Errorf("%q and %q would be one", other, e.note)
		}
		seen[key] = e.note
	}
	if len(seen) != 6 {
		t.Errorf("%d events, want 6", len(seen))
	}
}

func TestEventsAreShort(t *testing.T) {
	c := metav1.Condition{Type: "Stalled", Status: metav1.ConditionTrue, Reason: "R", Message: strings.Repeat("ü", 5000)}
	if e := conditionChanged(c); len(e.note) > 1024 || !strings.HasSuffix(e.note, "ü…") {
		t.Errorf("the note has %d bytes and ends in %q", len(e.note), e.note[len(e.note)-8:])
	}
}
