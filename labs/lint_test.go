package labs

import (
	"testing"

	"github.com/lab-operator/lab-operator/internal/lint"
)

// What the lint finds would be found by a learner otherwise.
func TestTheLintFindsNothing(t *testing.T) {
	files := append(matches(t, "*/exercise.yaml"), matches(t, "../content/*.yaml")...)
	report, err := lint.Run(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range report.Findings {
		t.Error(finding)
	}
	all := load(t)
	if report.Exercises != len(all.exercises) || report.Topics != len(all.topics) {
		t.Errorf("looked at %d exercises and %d topics: there are %d and %d", report.Exercises, report.Topics, len(all.exercises), len(all.topics))
	}
}
