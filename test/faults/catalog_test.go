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
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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

// exercise has every feature that leads to a write: a pass, recorded values, a hold, an order, and
// a task that must hold at the end.
func exercise() *v1alpha1.Exercise {
	return &v1alpha1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: catalogName},
		Spec: v1alpha1.ExerciseSpec{
			Title:    "Survive crashes",
			Incident: "The operator is killed in the middle of a course.",
			Setup: []runtime.RawExtension{
				fixture.ConfigMap(settings, map[string]string{"level": "low"}),
				fixture.ConfigMap(greeting, map[string]string{"text": "hello", "language": "none"}),
			},
			Evidence: []v1alpha1.Evidence{
				fixture.ConfigMapEvidence(settings),
				fixture.ConfigMapEvidence(greeting),
				{Name: "diaries", List: &v1alpha1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": diary}}},
			},
			Tasks: []v1alpha1.Task{{
				Name: "plain", Title: "Raise the level", Instructions: "Set it to high.", Points: 1,
				Checks: []v1alpha1.Check{{Expression: "settings.data.level == 'high'", Needed: "the level is high", Seen: "'it is ' + settings.data.level"}},
			}, {
				Name: "held", Title: "Greet for a while", Instructions: "Say hi.", Points: 2, After: []string{"plain"},
				Hold:   &metav1.Duration{Duration: 500 * time.Millisecond},
				Record: map[string]string{"text": "greeting.data.text"},
				Checks: []v1alpha1.Check{
					{Expression: "greeting.data.text.startsWith('hi')", Needed: "the greeting says hi", Seen: "'it says ' + greeting.data.text"},
					{Expression: "settings.data.level != ''", Needed: "there is a level"},
				},
			}, {
				Name: "kept", Title: "Keep a language", Instructions: "Choose English.", Points: 1, Mode: v1alpha1.TaskContinuous,
				Checks: []v1alpha1.Check{{Expression: "greeting.data.language == 'en'", Needed: "the language is en", Seen: "'it is ' + greeting.data.language"}},
			}, {
				Name: "last", Title: "Write it down", Instructions: "Note what the greeting was.", Points: 1, After: []string{"held"},
				Checks: []v1alpha1.Check{{Expression: "diaries.exists(d, d.data.text == done.held.text)", Needed: "a diary quotes the greeting", Seen: "string(diaries.size()) + ' diaries'"}},
			}},
		},
	}
}

func topic() *v1alpha1.Topic {
	question := func(id, task string, form v1alpha1.QuestionForm, options ...v1alpha1.Option) v1alpha1.Question {
		return v1alpha1.Question{
			ID: id, Interview: "What about " + id + "?", Ask: "Which " + id + "?", Form: form,
			Options: options, Exercise: catalogName, Task: task, Attempts: 3,
		}
	}
	locked := question("later", "held", v1alpha1.FormNumber)
	locked.LockedUntilTask = ptr.To(true)
	return fixture.Topic(catalogName, "Crashes",
		question("choice", "plain", v1alpha1.FormChoice, v1alpha1.Option{Name: "one", Text: "The first"}, v1alpha1.Option{Name: "two", Text: "The second"}, v1alpha1.Option{Name: "three", Text: "The third"}),
		question("number", "plain", v1alpha1.FormNumber),
		question("live", "plain", v1alpha1.FormText),
		locked,
	)
}

func answerKey() *v1alpha1.AnswerKey {
	return fixture.AnswerKey(catalogName,
		v1alpha1.Answer{ID: "choice", Choice: "two", ModelAnswer: "The second, of course.", OptionFeedback: []v1alpha1.OptionFeedback{{Option: "one", Text: "That is too early."}}},
		v1alpha1.Answer{ID: "number", Number: &v1alpha1.NumberAnswer{Value: "42"}, ModelAnswer: "42.", Feedback: "Count again."},
		v1alpha1.Answer{ID: "live", Live: &v1alpha1.LiveAnswer{Expression: "settings.data.level"}, ModelAnswer: "What the settings say."},
		v1alpha1.Answer{ID: "later", Number: &v1alpha1.NumberAnswer{Value: "7"}, ModelAnswer: "7."},
	)
}

// optionLetter returns what the learner of a Lab types for an option.
func optionLetter(lab, option string) string {
	return quiz.Letters(metav1.NamespaceDefault+"/"+lab, topic().Spec.Questions[0])[option]
}

// publishCatalog creates the catalog and has an operator accept it, before the first run.
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
		exercise, topic := &v1alpha1.Exercise{}, &v1alpha1.Topic{}
		name := client.ObjectKey{Name: catalogName}
		if err := errors.Join(env.Client.Get(ctx, name, exercise), env.Client.Get(ctx, name, topic)); err != nil {
			return false, err
		}
		return meta.IsStatusConditionTrue(exercise.Status.Conditions, v1alpha1.ConditionAccepted) &&
			meta.IsStatusConditionTrue(topic.Status.Conditions, v1alpha1.ConditionAccepted), nil
	})
	cancel()
	if err = errors.Join(err, <-ended); err != nil {
		return fmt.Errorf("wait until the catalog is accepted: %w", err)
	}
	return nil
}
