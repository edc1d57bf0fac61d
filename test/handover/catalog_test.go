package handover

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/fixture"
)

const (
	// subject is the name of the exercise, of its topic and of the key.
	subject = "handover"
	// progress is the ConfigMap that the learner works on.
	progress = "progress"
	// question is answered once in each lab, wrongly.
	question = "count"
	attempts = 3
)

// publish installs an exercise of two tasks, one after the other, and a question.
func publish(ctx context.Context, admin client.Client) error {
	task := func(name, level string, after ...string) v1beta1.Task {
		return v1beta1.Task{
			Name: name, Title: "Reach " + level, Instructions: "Set the level.", Points: 1, DependsOn: after,
			Checks: []v1beta1.Check{{
				Expression: "int(progress.data.level) >= " + level, Expected: "the level is " + level, Observed: "'the level is ' + progress.data.level",
			}},
		}
	}
	return fixture.Publish(ctx, admin,
		&v1beta1.Exercise{
			ObjectMeta: metav1.ObjectMeta{Name: subject},
			Spec: v1beta1.ExerciseSpec{
				Title: "Hand over", Incident: "The operator changes its leader.",
				Setup:    []runtime.RawExtension{fixture.ConfigMap(progress, map[string]string{"level": "0"})},
				Evidence: []v1beta1.Evidence{fixture.ConfigMapEvidence(progress)},
				Tasks:    []v1beta1.Task{task("first", "1"), task("second", "1000000", "first")},
			},
		},
		fixture.AnswerKey(subject, v1beta1.Answer{ID: question, Number: &v1beta1.NumberAnswer{Value: "42"}, ModelAnswer: "42."}),
		fixture.Topic(subject, "Hand over", v1beta1.Question{
			ID: question, InterviewQuestion: "How many?", Prompt: "How many?", Type: v1beta1.QuestionTypeNumber, Exercise: subject, Task: "first", Attempts: attempts,
		}),
	)
}
