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
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// catalog is a topic with one exercise that needs no running pod. The learner raises a level in a ConfigMap, then
// marks the work as done; the level has to be high at the end.
type catalog struct {
	topic    *v1alpha1.Topic
	exercise *v1alpha1.Exercise
	key      *v1alpha1.AnswerKey
}

// newCatalog writes a catalog whose names begin with name. Nothing of it is created yet.
func newCatalog(name string) *catalog {
	exercise := &v1alpha1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: name + "-levels"},
		Spec: v1alpha1.ExerciseSpec{
			Title:    "Raise a level",
			Incident: "a level was low",
			Setup: []runtime.RawExtension{
				raw(configMap("settings", nil, map[string]string{"level": "low"})),
				raw(configMap("rules", map[string]string{v1alpha1.ProtectedLabel: "true"}, map[string]string{"rule": "be fair"})),
			},
			Evidence: []v1alpha1.Evidence{
				{Name: "settings", Object: &v1alpha1.ObjectEvidence{APIVersion: "v1", Kind: "ConfigMap", Name: "settings"}},
				{Name: "marks", List: &v1alpha1.ListEvidence{APIVersion: "v1", Kind: "ConfigMap", Selector: map[string]string{"kind": "mark"}, Limit: 10}},
			},
			Tasks: []v1alpha1.Task{
				{
					Name: "raise", Title: "Raise the level to high", Instructions: "The level stands in the ConfigMap settings.", Points: 2,
					Record: map[string]string{"from": "settings.metadata.uid"},
					Checks: []v1alpha1.Check{{
						Expression: "settings.data.level == 'high'", Needed: "the level is high",
						Seen: "'the level is ' + settings.data.level",
					}},
				},
				{
					Name: "mark", Title: "Mark the work as done", Instructions: "A ConfigMap with the label kind=mark.", Points: 1,
					After: []string{"raise"}, Hold: &metav1.Duration{Duration: 2 * time.Second},
					Checks: []v1alpha1.Check{
						{Expression: "marks.size() == 1", Needed: "there is one mark", Seen: "string(marks.size()) + ' marks'"},
						{Expression: "done.raise.from == settings.metadata.uid", Needed: "the settings are those that were raised"},
					},
				},
				{
					Name: "steady", Title: "Keep the level high", Instructions: "To the end.", Mode: v1alpha1.TaskContinuous, Points: 1,
					Checks: []v1alpha1.Check{{Expression: "settings.data.level == 'high'", Needed: "the level stays high"}},
				},
			},
		},
	}
	topic := &v1alpha1.Topic{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.TopicSpec{
			Title:     "Levels",
			Exercises: []string{exercise.Name},
			Questions: []v1alpha1.Question{
				question(exercise, "q-choice", v1alpha1.FormChoice, "raise"),
				question(exercise, "q-number", v1alpha1.FormNumber, "raise"),
				question(exercise, "q-live", v1alpha1.FormText, "raise"),
				question(exercise, "q-later", v1alpha1.FormNumber, "mark"),
			},
		},
	}
	topic.Spec.Questions[0].Options = []v1alpha1.Option{
		{Name: "up", Text: "It goes up"}, {Name: "down", Text: "It goes down"}, {Name: "stays", Text: "It stays"},
	}
	topic.Spec.Questions[0].Attempts = 2
	topic.Spec.Questions[3].LockedUntilTask = ptr.To(true)
	key := &v1alpha1.AnswerKey{
		ObjectMeta: metav1.ObjectMeta{Namespace: testenv.OperatorNamespace, Name: name},
		Spec: v1alpha1.AnswerKeySpec{Topic: name, Answers: []v1alpha1.Answer{
			{ID: "q-choice", Choice: "up", ModelAnswer: "Up it goes.", OptionFeedback: []v1alpha1.OptionFeedback{{Option: "down", Text: "not down"}}},
			{ID: "q-number", Number: &v1alpha1.NumberAnswer{Value: "300"}, ModelAnswer: "Three hundred.", Feedback: "count again"},
			{ID: "q-live", Live: &v1alpha1.LiveAnswer{Expression: "settings.data.level"}, ModelAnswer: "Whatever it is."},
			{ID: "q-later", Number: &v1alpha1.NumberAnswer{Value: "7"}, ModelAnswer: "Seven."},
		}},
	}
	return &catalog{topic: topic, exercise: exercise, key: key}
}

func question(exercise *v1alpha1.Exercise, id string, form v1alpha1.QuestionForm, task string) v1alpha1.Question {
	return v1alpha1.Question{ID: id, Interview: "What about " + id + "?", Ask: "What is " + id + "?", Form: form, Exercise: exercise.Name, Task: task}
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
func (c *catalog) lab() *v1alpha1.Lab {
	return newLab(c.topic.Name)
}

func newLab(topic string) *v1alpha1.Lab {
	return &v1alpha1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: unique("lab")},
		Spec:       v1alpha1.LabSpec{Topic: topic},
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
