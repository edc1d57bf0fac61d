package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func TestTransitions(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	condition := func(kind string, status metav1.ConditionStatus, reason string) metav1.Condition {
		return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: "it says " + reason}
	}
	task := func(state v1alpha1.State, passed bool) v1alpha1.LabStatus {
		status := v1alpha1.TaskStatus{Name: "raise", Goal: "Raise it", State: state}
		if passed {
			status.PassedAt = &at
		}
		return v1alpha1.LabStatus{Tasks: []v1alpha1.TaskStatus{status}}
	}
	question := func(state v1alpha1.State) v1alpha1.LabStatus {
		return v1alpha1.LabStatus{Questions: []v1alpha1.QuestionStatus{{ID: "q-1", State: state}}}
	}
	conditions := func(all ...metav1.Condition) v1alpha1.LabStatus { return v1alpha1.LabStatus{Conditions: all} }
	provisioning := condition("Provisioned", metav1.ConditionFalse, "Provisioning")
	provisioned := condition("Provisioned", metav1.ConditionTrue, "Provisioned")
	calm := condition("Stalled", metav1.ConditionFalse, "None")
	stalled := condition("Stalled", metav1.ConditionTrue, "InvalidExercise")

	tests := map[string]struct {
		before, after v1alpha1.LabStatus
		want          []string
	}{
		"nothing happened":                {conditions(provisioned, calm), conditions(provisioned, calm), nil},
		"a start is not worth an event":   {v1alpha1.LabStatus{}, conditions(provisioning, calm), nil},
		"it is set up":                    {conditions(provisioning), conditions(provisioned), []string{"Normal Provisioned: it says Provisioned"}},
		"it stalls, which is a warning":   {conditions(calm), conditions(stalled), []string{"Warning InvalidExercise: it says InvalidExercise"}},
		"it stalls from the start":        {v1alpha1.LabStatus{}, conditions(stalled), []string{"Warning InvalidExercise: it says InvalidExercise"}},
		"it stalls no more, quietly":      {conditions(stalled), conditions(calm), nil},
		"a task is passed":                {task(v1alpha1.StatePending, false), task(v1alpha1.StatePassed, true), []string{"Normal TaskPassed: Passed task raise: Raise it"}},
		"a task was passed before":        {task(v1alpha1.StatePassed, true), task(v1alpha1.StatePassed, true), nil},
		"a task seen passed for the 1st":  {v1alpha1.LabStatus{}, task(v1alpha1.StatePassed, true), []string{"Normal TaskPassed: Passed task raise: Raise it"}},
		"a continuous task is taken back": {task(v1alpha1.StatePassed, true), task(v1alpha1.StatePending, true), nil},
		"an answer is right":              {question(v1alpha1.StateOpen), question(v1alpha1.StateRight), []string{"Normal AnswerRight: Question q-1 is rightly answered"}},
		"an answer is wrong":              {question(v1alpha1.StateOpen), question(v1alpha1.StateWrong), nil},
		"the attempts are used": {question(v1alpha1.StateWrong), question(v1alpha1.StateExhausted),
			[]string{"Normal AttemptsUsed: The attempts at question q-1 are used; its model answer is in the status"}},
		"it is completed": {v1alpha1.LabStatus{}, v1alpha1.LabStatus{CompletedAt: &at, Next: "Well done."}, []string{"Normal Completed: Well done."}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range transitions(&v1alpha1.Lab{Status: tc.before}, &v1alpha1.Lab{Status: tc.after}) {
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
	var after v1alpha1.LabStatus
	for _, name := range []string{"first", "second"} {
		after.Tasks = append(after.Tasks, v1alpha1.TaskStatus{Name: name, State: v1alpha1.StatePassed, PassedAt: &at})
		after.Questions = append(after.Questions, v1alpha1.QuestionStatus{ID: "q-" + name, State: v1alpha1.StateRight},
			v1alpha1.QuestionStatus{ID: "e-" + name, State: v1alpha1.StateExhausted})
	}
	seen := map[[3]string]string{}
	for _, e := range transitions(&v1alpha1.Lab{}, &v1alpha1.Lab{Status: after}) {
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
