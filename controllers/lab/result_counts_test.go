package lab

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// TestResultCounts is about the numbers of a LabResult: those of its Lab, but for a Lab that has lost what was recorded.
func TestResultCounts(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	passed := []v1beta1.PassedTask{{Name: "raise", At: at}}
	type counts struct{ TasksPassed, TasksTotal, QuestionsRight, QuestionsTotal, ScorePercent int32 }
	tests := map[string]struct {
		lab    v1beta1.LabStatus
		before *v1beta1.LabResultSpec
		want   counts
	}{
		"the first record": {
			lab:  v1beta1.LabStatus{TasksPassed: 1, TasksTotal: 2, QuestionsTotal: 3, ScorePercent: 20},
			want: counts{1, 2, 0, 3, 20},
		},
		"the Lab is further": {
			lab: v1beta1.LabStatus{
				Tasks:       []v1beta1.TaskStatus{{Name: "raise", PassedAt: &at}},
				TasksPassed: 1, TasksTotal: 2, QuestionsRight: 1, QuestionsTotal: 3, ScorePercent: 40,
			},
			before: &v1beta1.LabResultSpec{Passed: passed, TasksPassed: 1, TasksTotal: 2, QuestionsTotal: 3, ScorePercent: 20},
			want:   counts{1, 2, 1, 3, 40},
		},
		"a task that has to hold was taken back": {
			lab: v1beta1.LabStatus{
				Tasks:      []v1beta1.TaskStatus{{Name: "raise", PassedAt: &at}},
				TasksTotal: 2, QuestionsTotal: 3,
			},
			before: &v1beta1.LabResultSpec{Passed: passed, TasksPassed: 1, TasksTotal: 2, QuestionsTotal: 3, ScorePercent: 20},
			want:   counts{0, 2, 0, 3, 0},
		},
		"the Lab has lost its status": {
			lab:    v1beta1.LabStatus{TasksTotal: 2, QuestionsTotal: 3},
			before: &v1beta1.LabResultSpec{Passed: passed, TasksPassed: 1, TasksTotal: 2, QuestionsRight: 1, QuestionsTotal: 3, ScorePercent: 40},
			want:   counts{1, 2, 1, 3, 40},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			spec := resultOf(&v1beta1.Lab{Status: tc.lab}, roster.Seat{}, tc.before)
			got := counts{spec.TasksPassed, spec.TasksTotal, spec.QuestionsRight, spec.QuestionsTotal, spec.ScorePercent}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
