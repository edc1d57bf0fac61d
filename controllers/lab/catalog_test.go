package lab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// catalog is a topic with one exercise that needs no running pod. The learner raises a level in a ConfigMap, then
// marks the work as done; the level has to be high at the end.
type catalog struct {
	topic    *v1beta1.Topic
	exercise *v1beta1.Exercise
	key      *v1beta1.AnswerKey
}

// newCatalog writes a catalog whose names begin with name. Nothing of it is created yet.
func newCatalog(name string) *catalog {
	exercise := &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: name + "-levels"},
		Spec: v1beta1.ExerciseSpec{
			Title:    "Raise a level",
			Incident: "a level was low",
			Setup: []runtime.RawExtension{
				raw(configMap("settings", nil, map[string]string{"level": "low"})),
				raw(configMap("rules", map[string]string{v1beta1.ProtectedLabel: "true"}, map[string]string{"rule": "be fair"})),
			},
			Evidence: []v1beta1.Evidence{
				{Name: "settings", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "settings"}},
				{Name: "marks", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": "mark"}, Limit: 10}},
			},
			Tasks: []v1beta1.Task{
				{
					Name: "raise", Title: "Raise the level to high", Instructions: "The level stands in the ConfigMap settings.", Points: 2,
					Outputs: map[string]string{"from": "settings.metadata.uid"},
					Checks: []v1beta1.Check{{
						Expression: "settings.data.level == 'high'", Expected: "the level is high",
						Observed: "'the level is ' + settings.data.level",
					}},
				},
				{
					Name: "mark", Title: "Mark the work as done", Instructions: "A ConfigMap with the label kind=mark.", Points: 1,
					DependsOn: []string{"raise"}, HoldFor: &metav1.Duration{Duration: 2 * time.Second},
					Checks: []v1beta1.Check{
						{Expression: "marks.size() == 1", Expected: "there is one mark", Observed: "string(marks.size()) + ' marks'"},
						{Expression: "done.raise.from == settings.metadata.uid", Expected: "the settings are those that were raised"},
					},
				},
				{
					Name: "steady", Title: "Keep the level high", Instructions: "To the end.", Mode: v1beta1.TaskContinuous, Points: 1,
					Checks: []v1beta1.Check{{Expression: "settings.data.level == 'high'", Expected: "the level stays high"}},
				},
			},
		},
	}
	topic := &v1beta1.Topic{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.TopicSpec{
			Title:     "Levels",
			Exercises: []string{exercise.Name},
			Questions: []v1beta1.Question{
				question(exercise, "q-choice", v1beta1.QuestionTypeChoice, "raise"),
				question(exercise, "q-number", v1beta1.QuestionTypeNumber, "raise"),
				question(exercise, "q-live", v1beta1.QuestionTypeText, "raise"),
				question(exercise, "q-later", v1beta1.QuestionTypeNumber, "mark"),
			},
		},
	}
	topic.Spec.Questions[0].Options = []v1beta1.Option{
		{Name: "up", Text: "It goes up"}, {Name: "down", Text: "It goes down"}, {Name: "stays", Text: "It stays"},
	}
	topic.Spec.Questions[0].Attempts = 2
	topic.Spec.Questions[3].Reveal = v1beta1.RevealAfterTask
	key := &v1beta1.AnswerKey{
		ObjectMeta: metav1.ObjectMeta{Namespace: testenv.OperatorNamespace, Name: name},
		Spec: v1beta1.AnswerKeySpec{Topic: name, Answers: []v1beta1.Answer{
			{ID: "q-choice", Choice: "up", ModelAnswer: "Up it goes.", OptionFeedback: []v1beta1.OptionFeedback{{Option: "down", Text: "not down"}}},
			{ID: "q-number", Number: &v1beta1.NumberAnswer{Value: "300"}, ModelAnswer: "Three hundred.", Feedback: "count again"},
			{ID: "q-live", Live: &v1beta1.LiveAnswer{Expression: "settings.data.level"}, ModelAnswer: "Whatever it is."},
			{ID: "q-later", Number: &v1beta1.NumberAnswer{Value: "7"}, ModelAnswer: "Seven."},
		}},
	}
	return &catalog{topic: topic, exercise: exercise, key: key}
}

func question(exercise *v1beta1.Exercise, id string, form v1beta1.QuestionType, task string) v1beta1.Question {
	return v1beta1.Question{ID: id, InterviewQuestion: "What about " + id + "?", Prompt: "What is " + id + "?", Type: form, Exercise: exercise.Name, Task: task}
}

// create creates what is there of the catalog.
func (c *catalog) create(ctx context.Context) *catalog {
	GinkgoHelper()
	if c.exercise != nil {
		create(ctx, c.exercise)
	}
	if c.key != nil {
		create(ctx, c.key)
	}
	create(ctx, c.topic)
	return c
}

// lab is a Lab on the catalog, not created yet.
func (c *catalog) lab() *v1beta1.Lab {
	return newLab(c.topic.Name)
}

func newLab(topic string) *v1beta1.Lab {
	return &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: unique("lab")},
		Spec:       v1beta1.LabSpec{Topic: topic},
	}
}

var used int

// unique makes a name that no other spec uses.
func unique(prefix string) string {
	used++
	return fmt.Sprintf("%s%d", prefix, used)
}

// create creates an object and removes it behind the spec.
func create(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Expect(cluster.Client.Create(ctx, object)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) {
		Expect(client.IgnoreNotFound(cluster.Client.Delete(ctx, object))).To(Succeed())
	})
}

func configMap(name string, labels, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Data:       data,
	}
}

func raw(object any) runtime.RawExtension {
	GinkgoHelper()
	data, err := json.Marshal(object)
	Expect(err).NotTo(HaveOccurred())
	return runtime.RawExtension{Raw: data}
}
