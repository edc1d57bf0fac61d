package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func TestTheLargestStatusFits(t *testing.T) {
	status := &v1alpha1.LabStatus{}
	passed := metav1.NewTime(time.Unix(1000, 0))
	for i := range 12 {
		task := v1alpha1.TaskStatus{
			Name: fmt.Sprintf("task%d", i), Goal: strings.Repeat("g", 200), Todo: strings.Repeat("t", 4096), State: v1alpha1.StatePending,
			Needed: strings.Repeat("n", 512), Seen: strings.Repeat("s", 512), PassedAt: &passed,
		}
		for range 16 {
			task.Verdicts = append(task.Verdicts, v1alpha1.CheckResult{Needed: strings.Repeat("n", 400), Seen: strings.Repeat("s", 400), State: v1alpha1.StatePending})
		}
		if i < 2 {
			task.State = v1alpha1.StatePassed
		}
		status.Tasks = append(status.Tasks, task)
	}
	for i := range 8 {
		question := v1alpha1.QuestionStatus{ID: fmt.Sprintf("q-%d", i), Ask: strings.Repeat("a", 512), ModelAnswer: strings.Repeat("m", 4096), State: v1alpha1.StateRight}
		for range 8 {
			question.Options = append(question.Options, strings.Repeat("o", 400))
		}
		status.Questions = append(status.Questions, question)
	}
	fit(status)
	if got := size(status); got > maxStatus {
		t.Errorf("the status has %d bytes, more than %d", got, maxStatus)
	}
	if open := status.Tasks[2]; open.Todo == "" || open.Seen == "" || len(open.Verdicts) != 16 {
		t.Error("the first open task has lost what the learner works by")
	}
	for i, task := range status.Tasks {
		if task.PassedAt == nil || task.Name == "" || task.State == "" {
			t.Errorf("task %d has lost its pass", i)
		}
	}
}

func TestFitLeavesASmallStatusAlone(t *testing.T) {
	status := &v1alpha1.LabStatus{Tasks: []v1alpha1.TaskStatus{{Name: "a", Todo: "do"}, {Name: "b", Todo: "do"}}}
	want := status.DeepCopy()
	fit(status)
	if diff := cmp.Diff(want, status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestThrottle(t *testing.T) {
	now := time.Unix(1000, 0)
	tests := map[string]struct {
		sinceWrite time.Duration
		change     func(status *v1alpha1.LabStatus)
		want       time.Duration
	}{
		"nothing changed":           {0, func(*v1alpha1.LabStatus) {}, 0},
		"a flap waits its turn":     {50 * time.Millisecond, func(s *v1alpha1.LabStatus) { s.Tasks[0].Seen = "2" }, 150 * time.Millisecond},
		"the first flap is written": {time.Hour, func(s *v1alpha1.LabStatus) { s.Tasks[0].Seen = "2" }, 0},
		"a pass is written at once": {0, func(s *v1alpha1.LabStatus) {
			s.Tasks[0].PassedAt, s.Summary.Tasks = &metav1.Time{Time: now}, "1/2"
		}, 0},
		"a completion is written at once": {0, func(s *v1alpha1.LabStatus) { s.CompletedAt = &metav1.Time{Time: now} }, 0},
		"a grade is written at once": {0, func(s *v1alpha1.LabStatus) {
			s.Questions = []v1alpha1.QuestionStatus{{ID: "q", State: v1alpha1.StateWrong, Tried: []string{"1"}}}
		}, 0},
		"a task that held before waits its turn": {0, func(s *v1alpha1.LabStatus) {
			s.Tasks[1].State, s.Summary.Tasks = v1alpha1.StatePassed, "1/2"
		}, flapWindow},
		"a task that holds no more waits its turn": {0, func(s *v1alpha1.LabStatus) {
			s.Tasks[1].State, s.Summary.Tasks = v1alpha1.StatePending, "0/2"
		}, flapWindow},
		"what a question waits for is no progress": {0, func(s *v1alpha1.LabStatus) {
			s.Questions = []v1alpha1.QuestionStatus{{ID: "q", State: v1alpha1.StateOpen, Feedback: "it is 7"}}
		}, flapWindow},
		"a clock that was set back a day keeps nothing back": {-24 * time.Hour, func(s *v1alpha1.LabStatus) { s.Tasks[0].Seen = "2" }, 0},
		"a clock that was set forward keeps nothing back":    {24 * time.Hour, func(s *v1alpha1.LabStatus) { s.Tasks[0].Seen = "2" }, 0},
		"a setup is written at once":                         {0, func(s *v1alpha1.LabStatus) { s.Environment = &v1alpha1.LabEnvironment{SetupHash: "h"} }, 0},
		"a pin is written at once":                           {0, func(s *v1alpha1.LabStatus) { s.Revision = "h" }, 0},
		"a phase is written at once":                         {0, func(s *v1alpha1.LabStatus) { s.Phase = v1alpha1.LabCompleted }, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := &v1alpha1.Lab{Status: v1alpha1.LabStatus{Tasks: []v1alpha1.TaskStatus{
				{Name: "a", Seen: "1"}, {Name: "kept", PassedAt: &metav1.Time{Time: now}},
			}}}
			s := &scope{original: before, lab: before.DeepCopy(), now: now, memory: &localState{lastWrite: now.Add(-tc.sinceWrite)}}
			tc.change(&s.lab.Status)
			if got := max(s.throttle(), 0); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
