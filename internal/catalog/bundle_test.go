package catalog

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestABundleHoldsWhatALabNeeds(t *testing.T) {
	topic, key := aTopic("kubernetes", "hpa-scaling", "other"), aKey("kubernetes")
	topic.Spec.Questions[1].Exercise = "other"
	b := NewBundle(anExercise("hpa-scaling"), topic, key)
	var questions, answers []string
	for _, q := range b.Questions {
		questions = append(questions, q.ID)
	}
	for _, a := range b.Answers {
		answers = append(answers, a.ID)
	}
	want := []string{"k8s-01", "k8s-03"}
	if diff := cmp.Diff(want, questions); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if b.ExerciseName != "hpa-scaling" || b.Topic != "kubernetes" || b.Exercise.Title != "Scale" {
		t.Errorf("the bundle is of %s in %s: %s", b.ExerciseName, b.Topic, b.Exercise.Title)
	}
	if _, ok := b.Answer("k8s-02"); ok {
		t.Error("the bundle has the answer to a question of another exercise")
	}
}

func TestABundleSharesNothingWithTheCatalog(t *testing.T) {
	exercise, topic, key := anExercise("hpa-scaling"), aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes")
	b := NewBundle(exercise, topic, key)
	before := mustEncode(t, b)
	exercise.Spec.Tasks[0].Checks[0].Expected = "changed"
	exercise.Spec.Setup[0].Raw[2] = 'X'
	topic.Spec.Questions[0].Options[0].Text = "changed"
	key.Spec.Answers[2].OptionFeedback[0].Text = "changed"
	if diff := cmp.Diff(before, mustEncode(t, b)); diff != "" {
		t.Errorf("the bundle changed (-before +after):\n%s", diff)
	}
}

func TestHash(t *testing.T) {
	same := map[string]func(e *v1beta1.Exercise, t *v1beta1.Topic, k *v1beta1.AnswerKey){
		"nothing": func(*v1beta1.Exercise, *v1beta1.Topic, *v1beta1.AnswerKey) {},
		"the order and space of a setup object's keys": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.Spec.Setup[0] = raw(`{"spec": {"replicas": 1}, "kind":"Deployment", "metadata":{"name":"web"}, "apiVersion":"apps/v1"}`)
		},
		"a default that the API server fills in": func(e *v1beta1.Exercise, t *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.Spec.Difficulty, e.Spec.Tasks[0].Mode, t.Spec.Questions[0].Reveal = v1beta1.DifficultyIntermediate, v1beta1.TaskOnce, v1beta1.RevealAlways
		},
		"another way to write a quantity": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.Spec.Quota.CPU = resource.MustParse("1000m")
		},
		"metadata and status": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.ResourceVersion, e.Status.TaskCount = "8", 3
		},
		"a question of another exercise": func(_ *v1beta1.Exercise, topic *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			topic.Spec.Questions = append(topic.Spec.Questions, v1beta1.Question{ID: "k8s-99", Exercise: "other"})
		},
		"the order of the key": func(_ *v1beta1.Exercise, _ *v1beta1.Topic, k *v1beta1.AnswerKey) {
			k.Spec.Answers[0], k.Spec.Answers[1] = k.Spec.Answers[1], k.Spec.Answers[0]
		},
	}
	differs := map[string]func(e *v1beta1.Exercise, t *v1beta1.Topic, k *v1beta1.AnswerKey){
		"a check": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.Spec.Tasks[0].Checks[0].Expected = "x"
		},
		"a name":  func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) { e.Spec.Title = "x" },
		"a setup": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) { e.Spec.Setup = nil },
		"a quantity of zero": func(e *v1beta1.Exercise, _ *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			e.Spec.Quota.Storage = resource.MustParse("0")
		},
		"a value other than the default": func(_ *v1beta1.Exercise, t *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			t.Spec.Questions[0].Attempts = 2
		},
		"an option": func(_ *v1beta1.Exercise, t *v1beta1.Topic, _ *v1beta1.AnswerKey) {
			t.Spec.Questions[0].Options[0].Text = "x"
		},
		"an answer": func(_ *v1beta1.Exercise, _ *v1beta1.Topic, k *v1beta1.AnswerKey) {
			k.Spec.Answers[2].Choice = "limit"
		},
	}
	hash := func(change func(*v1beta1.Exercise, *v1beta1.Topic, *v1beta1.AnswerKey)) string {
		e, topic, k := anExercise("hpa-scaling"), aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes")
		e.Spec.Quota.CPU = resource.MustParse("1")
		change(e, topic, k)
		return NewBundle(e, topic, k).Hash()
	}
	want := hash(same["nothing"])
	if !regexp.MustCompile(`^[0-9a-f]{10}$`).MatchString(want) {
		t.Errorf("the hash is %q", want)
	}
	for name, change := range same {
		if got := hash(change); got != want {
			t.Errorf("%s changes the hash", name)
		}
	}
	for name, change := range differs {
		if got := hash(change); got == want {
			t.Errorf("%s does not change the hash", name)
		}
	}
}
