package catalog

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestARevisionIsWhatLearnersMayRead(t *testing.T) {
	exercise, topic, key := anExercise("hpa-scaling"), aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes")
	exercise.Spec.Description, exercise.Spec.EstimatedMinutes, exercise.Spec.Incident = "Why to scale.", 20, "SECRET incident"
	exercise.Spec.Difficulty = v1beta1.DifficultyBeginner
	task := &exercise.Spec.Tasks[0]
	task.Instructions, task.Points, task.Mode, task.DependsOn = "Where to look.", 2, v1beta1.TaskContinuous, []string{"before"}
	task.Checks[0].Expected = "SECRET check"
	task.Hints = []v1beta1.Hint{{Text: "SECRET hint"}}
	references := []v1beta1.Reference{{Title: "The manual", URL: "https://example.com"}}
	for i := range topic.Spec.Questions {
		q := &topic.Spec.Questions[i]
		q.InterviewQuestion, q.Prompt, q.References = "Why "+q.ID+"?", "What "+q.ID+"?", references
	}
	spoiler := &topic.Spec.Questions[0]
	spoiler.Reveal, spoiler.Prompt, spoiler.References = v1beta1.RevealAfterTask, "SECRET prompt", []v1beta1.Reference{{Title: "SECRET reference"}}
	spoiler.Options[0].Text = "SECRET option"
	key.Spec.Answers[0].ModelAnswer = "SECRET answer"

	b := NewBundle(exercise, topic, key)
	got := b.Revision()
	want := v1beta1.ExerciseRevisionSpec{
		Exercise: "hpa-scaling", Topic: "kubernetes", Title: "Scale", Description: "Why to scale.", Difficulty: v1beta1.DifficultyBeginner, EstimatedMinutes: 20,
		Tasks: []v1beta1.RevisionTask{{
			Name: "requests", Title: "t", Instructions: "Where to look.", Points: 2, DependsOn: []string{"before"}, Mode: v1beta1.TaskContinuous,
		}},
		Questions: []v1beta1.RevisionQuestion{
			{ID: "k8s-01", Task: "requests", Type: v1beta1.QuestionTypeChoice, Reveal: v1beta1.RevealAfterTask, InterviewQuestion: "Why k8s-01?", Attempts: 3},
			{
				ID: "k8s-02", Task: "requests", Type: v1beta1.QuestionTypeNumber, InterviewQuestion: "Why k8s-02?", Prompt: "What k8s-02?", Unit: "seconds",
				Attempts: 3, References: references,
			},
			{
				ID: "k8s-03", Task: "requests", Type: v1beta1.QuestionTypeNumber, InterviewQuestion: "Why k8s-03?", Prompt: "What k8s-03?", Attempts: 3,
				References: references,
			},
		},
	}
	if diff := cmp.Diff(want, got.Spec); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !regexp.MustCompile(`^hpa-scaling-[0-9a-f]{10}$`).MatchString(got.Name) {
		t.Errorf("the name is %s", got.Name)
	}
	if data, err := json.Marshal(got); err != nil || strings.Contains(string(data), "SECRET") {
		t.Errorf("error %v, or it gives something away: %s", err, data)
	}
	got.Spec.Tasks[0].DependsOn[0], got.Spec.Questions[1].References[0].Title = "changed", "changed"
	if diff := cmp.Diff(want, b.Revision().Spec); diff != "" {
		t.Errorf("the revision shares something with the bundle:\n%s", diff)
	}
}
