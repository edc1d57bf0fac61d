package lab

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestThrottle(t *testing.T) {
	now := time.Unix(1000, 0)
	tests := map[string]struct {
		sinceWrite time.Duration
		change     func(status *v1beta1.LabStatus)
		want       time.Duration
	}{
		"nothing changed":           {0, func(*v1beta1.LabStatus) {}, 0},
		"a flap waits its turn":     {50 * time.Millisecond, func(s *v1beta1.LabStatus) { s.Tasks[0].Observed = "2" }, 150 * time.Millisecond},
		"the first flap is written": {time.Hour, func(s *v1beta1.LabStatus) { s.Tasks[0].Observed = "2" }, 0},
		"a pass is written at once": {0, func(s *v1beta1.LabStatus) {
			s.Tasks[0].PassedAt, s.Summary.Tasks = &metav1.Time{Time: now}, "1/2"
		}, 0},
		"a completion is written at once": {0, func(s *v1beta1.LabStatus) { s.CompletedAt = &metav1.Time{Time: now} }, 0},
		"a grade is written at once": {0, func(s *v1beta1.LabStatus) {
			s.Questions = []v1beta1.QuestionStatus{{ID: "q", State: v1beta1.QuestionWrong, Attempts: []string{"1"}}}
		}, 0},
		"a task that held before waits its turn": {0, func(s *v1beta1.LabStatus) {
			s.Tasks[1].State, s.Summary.Tasks = v1beta1.TaskPassed, "1/2"
		}, flapWindow},
		"a task that holds no more waits its turn": {0, func(s *v1beta1.LabStatus) {
			s.Tasks[1].State, s.Summary.Tasks = v1beta1.TaskPending, "0/2"
		}, flapWindow},
		"what a question waits for is no progress": {0, func(s *v1beta1.LabStatus) {
			s.Questions = []v1beta1.QuestionStatus{{ID: "q", State: v1beta1.QuestionOpen}}
			s.Current.TaskQuestion = &v1beta1.CurrentQuestion{ID: "q", Feedback: "it is 7"}
		}, flapWindow},
		"a clock that was set back a day keeps nothing back": {-24 * time.Hour, func(s *v1beta1.LabStatus) { s.Tasks[0].Observed = "2" }, 0},
		"a clock that was set forward keeps nothing back":    {24 * time.Hour, func(s *v1beta1.LabStatus) { s.Tasks[0].Observed = "2" }, 0},
		"a setup is written at once":                         {0, func(s *v1beta1.LabStatus) { s.Environment = &v1beta1.LabEnvironment{SetupHash: "h"} }, 0},
		"a pin is written at once":                           {0, func(s *v1beta1.LabStatus) { s.Revision = "h" }, 0},
		"a phase is written at once":                         {0, func(s *v1beta1.LabStatus) { s.Phase = v1beta1.LabCompleted }, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := &v1beta1.Lab{Status: v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{
				{Name: "a", Observed: "1"}, {Name: "kept", PassedAt: &metav1.Time{Time: now}},
			}}}
			s := &scope{original: before, lab: before.DeepCopy(), now: now, memory: &localState{lastWrite: now.Add(-tc.sinceWrite)}}
			tc.change(&s.lab.Status)
			if got := max(s.throttle(), 0); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
