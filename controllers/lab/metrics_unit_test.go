package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestWhatIsCounted(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	stalled := func(status metav1.ConditionStatus, reason string) v1beta1.LabStatus {
		return v1beta1.LabStatus{Conditions: []metav1.Condition{{Type: v1beta1.ConditionStalled, Status: status, Reason: reason}}}
	}
	task := func(state v1beta1.TaskState, passed *metav1.Time) v1beta1.LabStatus {
		return v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{{Name: "raise", State: state, PassedAt: passed}}}
	}
	question := func(state v1beta1.QuestionState, tried ...string) v1beta1.LabStatus {
		return v1beta1.LabStatus{Questions: []v1beta1.QuestionStatus{{ID: "q-1", State: state, Attempts: tried}}}
	}
	type counted struct {
		Stalled string
		Passed  []string
		Graded  []v1beta1.QuestionState
	}
	right, wrong, exhausted, open := v1beta1.QuestionRight, v1beta1.QuestionWrong, v1beta1.QuestionExhausted, v1beta1.QuestionOpen
	passed, pending := v1beta1.TaskPassed, v1beta1.TaskPending
	yes, no := metav1.ConditionTrue, metav1.ConditionFalse

	tests := map[string]struct {
		before, after v1beta1.LabStatus
		want          counted
	}{
		"nothing is known":                     {v1beta1.LabStatus{}, v1beta1.LabStatus{}, counted{}},
		"it stalls from the start":             {v1beta1.LabStatus{}, stalled(yes, "Forbidden"), counted{Stalled: "Forbidden"}},
		"it stalls":                            {stalled(no, "None"), stalled(yes, "Forbidden"), counted{Stalled: "Forbidden"}},
		"it stalls for another reason":         {stalled(yes, "TopicNotFound"), stalled(yes, "Forbidden"), counted{Stalled: "Forbidden"}},
		"it goes on being stalled":             {stalled(yes, "Forbidden"), stalled(yes, "Forbidden"), counted{}},
		"it goes on":                           {stalled(yes, "Forbidden"), stalled(no, "None"), counted{}},
		"a task is passed":                     {task(pending, nil), task(passed, &at), counted{Passed: []string{"raise"}}},
		"a task is passed when it is known":    {v1beta1.LabStatus{}, task(passed, &at), counted{Passed: []string{"raise"}}},
		"a task was passed before":             {task(passed, &at), task(passed, &at), counted{}},
		"a task that is taken back":            {task(passed, &at), task(pending, &at), counted{}},
		"a task that is passed again":          {task(pending, &at), task(passed, &at), counted{}},
		"a right answer":                       {question(open), question(right), counted{Graded: []v1beta1.QuestionState{right}}},
		"a right answer that stays":            {question(right), question(right), counted{}},
		"a wrong answer":                       {question(open), question(wrong, "a"), counted{Graded: []v1beta1.QuestionState{wrong}}},
		"another wrong answer":                 {question(wrong, "a"), question(wrong, "a", "b"), counted{Graded: []v1beta1.QuestionState{wrong}}},
		"a wrong answer that is repeated":      {question(open, "a"), question(wrong, "a"), counted{}},
		"the answer that uses the last try":    {question(wrong, "a"), question(exhausted, "a", "b"), counted{Graded: []v1beta1.QuestionState{exhausted}}},
		"the right answer behind a wrong one":  {question(wrong, "a"), question(right, "a"), counted{Graded: []v1beta1.QuestionState{right}}},
		"no answer any more":                   {question(wrong, "a"), question(open, "a"), counted{}},
		"a question that the author broke":     {question(open), question(v1beta1.QuestionError), counted{}},
		"a right answer that was tried before": {question(wrong, "a", "b"), question(right, "a"), counted{Graded: []v1beta1.QuestionState{right}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := counted{newlyStalled(&tc.before, &tc.after), newlyPassed(&tc.before, &tc.after), newlyGraded(&tc.before, &tc.after)}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}
