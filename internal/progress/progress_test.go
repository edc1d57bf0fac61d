package progress_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/progress"
)

// at is so many minutes after nine.
func at(minutes int) *metav1.Time {
	return &metav1.Time{Time: time.Date(2027, 3, 1, 9, minutes, 0, 0, time.UTC)}
}

func TestOf(t *testing.T) {
	passed := []v1beta1.TaskStatus{{Name: "requests", State: v1beta1.TaskPassed, PassedAt: at(5)}}
	recorded := &v1beta1.LabResultSpec{
		StartedAt: at(0), ScorePercent: 50, TasksPassed: 2, TasksTotal: 4, QuestionsRight: 1, QuestionsTotal: 3,
	}
	ofRecorded := progress.Progress{
		Started: true, ReadyAt: at(0), ScorePercent: 50, TasksPassed: 2, TasksTotal: 4, QuestionsRight: 1, QuestionsTotal: 3,
	}
	completed := recorded.DeepCopy()
	completed.CompletedAt, completed.ScorePercent = at(30), 40
	tests := map[string]struct {
		lab      *v1beta1.LabStatus
		recorded *v1beta1.LabResultSpec
		want     progress.Progress
	}{
		"nothing is there":          {},
		"a lab that is not set up":  {lab: &v1beta1.LabStatus{}},
		"a lab that is gone":        {recorded: recorded, want: ofRecorded},
		"a lab that was made anew":  {lab: &v1beta1.LabStatus{}, recorded: recorded, want: ofRecorded},
		"a lab that is set up anew": {lab: &v1beta1.LabStatus{StartedAt: at(9), TasksTotal: 4}, recorded: recorded, want: ofRecorded},
		"a lab that nobody has begun": {
			lab:  &v1beta1.LabStatus{StartedAt: at(1), TasksTotal: 4, QuestionsTotal: 3},
			want: progress.Progress{ReadyAt: at(1), TasksTotal: 4, QuestionsTotal: 3},
		},
		"a lab that is further than its record": {
			lab:      &v1beta1.LabStatus{StartedAt: at(1), Tasks: passed, ScorePercent: 75, TasksPassed: 3, TasksTotal: 4, QuestionsTotal: 3},
			recorded: recorded,
			want:     progress.Progress{Started: true, ReadyAt: at(0), ScorePercent: 75, TasksPassed: 3, TasksTotal: 4, QuestionsTotal: 3},
		},
		"a record of a completion, by fewer points": {
			lab:      &v1beta1.LabStatus{Tasks: passed, ScorePercent: 75, TasksPassed: 3, TasksTotal: 4, QuestionsTotal: 3},
			recorded: completed,
			want: progress.Progress{
				Started: true, ReadyAt: at(0), CompletedAt: at(30), ScorePercent: 40,
				TasksPassed: 2, TasksTotal: 4, QuestionsRight: 1, QuestionsTotal: 3,
			},
		},
		"a completion that is recorded already": {
			lab:      &v1beta1.LabStatus{StartedAt: at(0), CompletedAt: at(31), ScorePercent: 50, TasksPassed: 2, TasksTotal: 4, QuestionsRight: 1, QuestionsTotal: 3},
			recorded: completed,
			want: progress.Progress{
				Started: true, ReadyAt: at(0), CompletedAt: at(30), ScorePercent: 50,
				TasksPassed: 2, TasksTotal: 4, QuestionsRight: 1, QuestionsTotal: 3,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, progress.Of(tc.lab, tc.recorded)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestStarted(t *testing.T) {
	question := func(state v1beta1.QuestionState, attempts ...string) v1beta1.LabStatus {
		return v1beta1.LabStatus{Questions: []v1beta1.QuestionStatus{{ID: "q", State: state, Attempts: attempts}}}
	}
	tests := map[string]struct {
		lab  v1beta1.LabStatus
		want bool
	}{
		"nothing":                         {},
		"a lab that can be worked on":     {lab: v1beta1.LabStatus{StartedAt: at(0), Tasks: []v1beta1.TaskStatus{{State: v1beta1.TaskPending}}}},
		"a task that was passed":          {lab: v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{{State: v1beta1.TaskPassed, PassedAt: at(1)}}}, want: true},
		"a pass that was taken back":      {lab: v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{{State: v1beta1.TaskPending, PassedAt: at(1)}}}, want: true},
		"a completion":                    {lab: v1beta1.LabStatus{CompletedAt: at(1)}, want: true},
		"an open question":                {lab: question(v1beta1.QuestionOpen)},
		"an answer that cannot be graded": {lab: question(v1beta1.QuestionError)},
		"a right answer":                  {lab: question(v1beta1.QuestionRight), want: true},
		"a wrong answer":                  {lab: question(v1beta1.QuestionWrong, "a"), want: true},
		"a wrong answer, and none now":    {lab: question(v1beta1.QuestionOpen, "a"), want: true},
		"no attempts left":                {lab: question(v1beta1.QuestionExhausted), want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := progress.Started(&tc.lab); got != tc.want {
				t.Errorf("want %t, got %t", tc.want, got)
			}
		})
	}
}

func TestLastAt(t *testing.T) {
	tests := map[string]struct {
		lab  v1beta1.LabStatus
		want time.Time
	}{
		"not set up yet":             {},
		"no task is passed":          {lab: v1beta1.LabStatus{StartedAt: at(2), Tasks: []v1beta1.TaskStatus{{}}}, want: at(2).Time},
		"the latest of the passes":   {lab: v1beta1.LabStatus{StartedAt: at(2), Tasks: []v1beta1.TaskStatus{{PassedAt: at(9)}, {PassedAt: at(7)}, {}}}, want: at(9).Time},
		"a pass of an earlier setup": {lab: v1beta1.LabStatus{StartedAt: at(8), Tasks: []v1beta1.TaskStatus{{PassedAt: at(7)}}}, want: at(8).Time},
		"a pass before it is set up": {lab: v1beta1.LabStatus{Tasks: []v1beta1.TaskStatus{{PassedAt: at(7)}}}, want: at(7).Time},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := progress.LastAt(&tc.lab); !got.Equal(tc.want) {
				t.Errorf("want %v, got %v", tc.want, got)
			}
		})
	}
}

func TestOpenTask(t *testing.T) {
	tests := map[string]struct {
		states []v1beta1.TaskState
		want   string
	}{
		"no tasks":                 {},
		"the first one":            {states: []v1beta1.TaskState{v1beta1.TaskPending, v1beta1.TaskLocked}, want: "task-0"},
		"the one after the passed": {states: []v1beta1.TaskState{v1beta1.TaskPassed, v1beta1.TaskLocked, v1beta1.TaskPending}, want: "task-2"},
		"all are passed":           {states: []v1beta1.TaskState{v1beta1.TaskPassed, v1beta1.TaskPassed}},
		"the author is at fault":   {states: []v1beta1.TaskState{v1beta1.TaskError, v1beta1.TaskLocked}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := &v1beta1.LabStatus{}
			for i, state := range tc.states {
				lab.Tasks = append(lab.Tasks, v1beta1.TaskStatus{Name: "task-" + string(rune('0'+i)), State: state})
			}
			got := ""
			if task := progress.OpenTask(lab); task != nil {
				got = task.Name
			}
			if got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}
