package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/quiz"
	"github.com/lab-operator/lab-operator/test/fixture"
)

// catalogName is the name of the exercise, of its topic and of the answer key.
const catalogName = "crashes"

// The objects of the exercise, which an API server without any controller can keep.
const (
	settings = "settings"
	greeting = "greeting"
	diary    = "diary" // created by the learner
)

// exercise has every feature that leads to a write: a pass, outputs, holdFor, an order, and
// a task that must hold at the end.
func exercise() *v1beta1.Exercise {
	return &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: catalogName},
		Spec: v1beta1.ExerciseSpec{
			Title:    "Survive crashes",
			Incident: "The operator is killed in the middle of a course.",
			Setup: []runtime.RawExtension{
				fixture.ConfigMap(settings, map[string]string{"level": "low"}),
				fixture.ConfigMap(greeting, map[string]string{"text": "hello", "language": "none"}),
			},
			Evidence: []v1beta1.Evidence{
				fixture.ConfigMapEvidence(settings),
				fixture.ConfigMapEvidence(greeting),
				{Name: "diaries", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": diary}}},
			},
			Tasks: []v1beta1.Task{{
				Name: "plain", Title: "Raise the level", Instructions: "Set it to high.", Points: 1,
				Checks: []v1beta1.Check{{Expression: "settings.data.level == 'high'", Expected: "the level is high", Observed: "'it is ' + settings.data.level"}},
			}, {
				Name: "held", Title: "Greet for a while", Instructions: "Say hi.", Points: 2, DependsOn: []string{"plain"},
				HoldFor: &metav1.Duration{Duration: 500 * time.Millisecond},
				Outputs: map[string]string{"text": "greeting.data.text"},
				Checks: []v1beta1.Check{
					{Expression: "greeting.data.text.startsWith('hi')", Expected: "the greeting says hi", Observed: "'it says ' + greeting.data.text"},
					{Expression: "settings.data.level != ''", Expected: "there is a level"},
				},
			}, {
				Name: "kept", Title: "Keep a language", Instructions: "Choose English.", Points: 1, Mode: v1beta1.TaskContinuous,
				Checks: []v1beta1.Check{{Expression: "greeting.data.language == 'en'", Expected: "the language is en", Observed: "'it is ' + greeting.data.language"}},
			}, {
				Name: "last", Title: "Write it down", Instructions: "Note what the greeting was.", Points: 1, DependsOn: []string{"held"},
				Checks: []v1beta1.Check{{Expression: "diaries.exists(d, d.data.text == done.held.text)", Expected: "a diary quotes the greeting", Observed: "string(diaries.size()) + ' diaries'"}},
			}},
		},
	}
}

func topic() *v1beta1.Topic {
	question := func(id, task string, form v1beta1.QuestionType, options ...v1beta1.Option) v1beta1.Question {
		return v1beta1.Question{
			ID: id, InterviewQuestion: "What about " + id + "?", Prompt: "Which " + id + "?", Type: form,
			Options: options, Exercise: catalogName, Task: task, Attempts: 3,
		}
	}
	locked := question("later", "held", v1beta1.QuestionTypeNumber)
	locked.Reveal = v1beta1.RevealAfterTask
	return fixture.Topic(catalogName, "Crashes",
		question("choice", "plain", v1beta1.QuestionTypeChoice, v1beta1.Option{Name: "one", Text: "The first"}, v1beta1.Option{Name: "two", Text: "The second"}, v1beta1.Option{Name: "three", Text: "The third"}),
		question("number", "plain", v1beta1.QuestionTypeNumber),
		question("live", "plain", v1beta1.QuestionTypeText),
		locked,
	)
}

func answerKey() *v1beta1.AnswerKey {
	return fixture.AnswerKey(catalogName,
		v1beta1.Answer{ID: "choice", Choice: "two", ModelAnswer: "The second, of course.", OptionFeedback: []v1beta1.OptionFeedback{{Option: "one", Text: "That is too early."}}},
		v1beta1.Answer{ID: "number", Number: &v1beta1.NumberAnswer{Value: "42"}, ModelAnswer: "42.", Feedback: "Count again."},
		v1beta1.Answer{ID: "live", Live: &v1beta1.LiveAnswer{Expression: "settings.data.level"}, ModelAnswer: "What the settings say."},
		v1beta1.Answer{ID: "later", Number: &v1beta1.NumberAnswer{Value: "7"}, ModelAnswer: "7."},
	)
}

// optionLetter returns what the learner of a Lab types for an option.
func optionLetter(lab, option string) string {
	return quiz.Letters(metav1.NamespaceDefault+"/"+lab, topic().Spec.Questions[0])[option]
}

// publishCatalog creates the catalog and has an operator accept it and write its revision, before the first run.
func (env *environment) publishCatalog(ctx context.Context) (err error) {
	if err := fixture.Publish(ctx, env.Client, exercise(), answerKey(), topic()); err != nil {
		return err
	}
	faultProxy, err := env.startProxy(newInjector("nobody", faultPlan{}, actions{}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, faultProxy.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- (&operators{url: faultProxy.URL()}).run(ctx) }()
	err = wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		exercise, topic := &v1beta1.Exercise{}, &v1beta1.Topic{}
		name := client.ObjectKey{Name: catalogName}
		revisions := &v1beta1.ExerciseRevisionList{}
		err := errors.Join(env.Client.Get(ctx, name, exercise), env.Client.Get(ctx, name, topic), env.Client.List(ctx, revisions))
		if err != nil {
			return false, err
		}
		return len(revisions.Items) == 1 && meta.IsStatusConditionTrue(exercise.Status.Conditions, v1beta1.ConditionAccepted) &&
			meta.IsStatusConditionTrue(topic.Status.Conditions, v1beta1.ConditionAccepted), nil
	})
	cancel()
	if err = errors.Join(err, <-ended); err != nil {
		return fmt.Errorf("wait until the catalog is accepted: %w", err)
	}
	return nil
}
