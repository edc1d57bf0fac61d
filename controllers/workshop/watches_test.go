package workshop

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestLabsThatAreNewsForTheirWorkshop(t *testing.T) {
	passed := metav1.NewTime(time.Unix(1000, 0))
	tests := map[string]struct {
		change func(lab *v1beta1.Lab)
		want   bool
	}{
		"what a check sees": {func(lab *v1beta1.Lab) { lab.Status.Tasks[0].Observed = "the level is medium" }, false},
		"a hint": {func(lab *v1beta1.Lab) {
			lab.Status.Current.Task = &v1beta1.CurrentTask{Hints: []string{"Look at the level."}}
		}, false},
		"a notice of a lab in progress": {func(lab *v1beta1.Lab) { lab.Status.Notices = []string{"pod web-1 crashes"} }, false},
		"what to do next":               {func(lab *v1beta1.Lab) { lab.Status.Next = "Task raise." }, false},
		"a notice of a lab that is not ready": {func(lab *v1beta1.Lab) {
			lab.Status.Conditions, lab.Status.Notices = nil, []string{"pod web-1 finds no node"}
		}, true},
		"a pass": {func(lab *v1beta1.Lab) {
			lab.Status.Tasks[0].State, lab.Status.Tasks[0].PassedAt = v1beta1.TaskPassed, &passed
		}, true},
		"an attempt at a question": {func(lab *v1beta1.Lab) { lab.Status.Questions[0].Attempts = []string{"7"} }, true},
		"a score":                  {func(lab *v1beta1.Lab) { lab.Status.ScorePercent = 50 }, true},
		"a completion":             {func(lab *v1beta1.Lab) { lab.Status.CompletedAt = &passed }, true},
		"a stall": {func(lab *v1beta1.Lab) {
			lab.Status.Conditions = append(lab.Status.Conditions, metav1.Condition{Type: v1beta1.ConditionStalled, Status: metav1.ConditionTrue})
		}, true},
		"an edit of the spec": {func(lab *v1beta1.Lab) { lab.Generation++ }, true},
		"a label":             {func(lab *v1beta1.Lab) { lab.Labels = map[string]string{v1beta1.ClosedLabel: "true"} }, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			old := &v1beta1.Lab{Status: v1beta1.LabStatus{
				Tasks:      []v1beta1.TaskStatus{{Name: "raise", State: v1beta1.TaskPending, Observed: "the level is low"}},
				Questions:  []v1beta1.QuestionStatus{{ID: "q", State: v1beta1.QuestionOpen}},
				Conditions: []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionTrue}},
			}}
			now := old.DeepCopy()
			tc.change(now)
			if got := labChanged(event.UpdateEvent{ObjectOld: old, ObjectNew: now}); got != tc.want {
				t.Errorf("wakes the workshop: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestResultsThatAreNewsForTheirWorkshop(t *testing.T) {
	old := &v1beta1.LabResult{Spec: v1beta1.LabResultSpec{ScorePercent: 50}}
	attempt, score := old.DeepCopy(), old.DeepCopy()
	attempt.Spec.Questions = []v1beta1.GradedQuestion{{ID: "q"}}
	score.Spec.ScorePercent = 60
	if resultChanged(event.UpdateEvent{ObjectOld: old, ObjectNew: attempt}) {
		t.Error("an attempt that changes no score wakes the workshop")
	}
	if !resultChanged(event.UpdateEvent{ObjectOld: old, ObjectNew: score}) {
		t.Error("another score does not wake the workshop")
	}
}
