package handover

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/world"
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
	task := func(name, level string, after ...string) v1alpha1.Task {
		return v1alpha1.Task{
			Name: name, Title: "Reach " + level, Instructions: "Set the level.", Points: 1, After: after,
			Checks: []v1alpha1.Check{{
				Expression: "int(progress.data.level) >= " + level, Needed: "the level is " + level, Seen: "'the level is ' + progress.data.level",
			}},
		}
	}
	for _, entry := range []client.Object{
		&v1alpha1.Exercise{
			ObjectMeta: metav1.ObjectMeta{Name: subject},
			Spec: v1alpha1.ExerciseSpec{
				Title: "Hand over", Incident: "The operator changes its leader.",
				Setup: []runtime.RawExtension{{Raw: fmt.Appendf(nil,
					`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":%q},"data":{"level":"0"}}`, progress)}},
				Evidence: []v1alpha1.Evidence{{Name: progress, Object: &v1alpha1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: progress}}},
				Tasks:    []v1alpha1.Task{task("first", "1"), task("second", "1000000", "first")},
			},
		},
		&v1alpha1.AnswerKey{
			ObjectMeta: metav1.ObjectMeta{Name: subject, Namespace: world.OperatorNamespace},
			Spec: v1alpha1.AnswerKeySpec{Topic: subject, Answers: []v1alpha1.Answer{
				{ID: question, Number: &v1alpha1.NumberAnswer{Value: "42"}, ModelAnswer: "42."},
			}},
		},
		&v1alpha1.Topic{
			ObjectMeta: metav1.ObjectMeta{Name: subject},
			Spec: v1alpha1.TopicSpec{Title: "Hand over", Exercises: []string{subject}, Questions: []v1alpha1.Question{{
				ID: question, Interview: "How many?", Ask: "How many?", Form: v1alpha1.FormNumber, Exercise: subject, Task: "first", Attempts: attempts,
			}}},
		},
	} {
		if err := admin.Create(ctx, entry); err != nil {
			return fmt.Errorf("publish the catalog: %w", err)
		}
	}
	return nil
}
