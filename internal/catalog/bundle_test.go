package catalog

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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
	exercise.Spec.Tasks[0].Checks[0].Needed = "changed"
	exercise.Spec.Setup[0].Raw[2] = 'X'
	topic.Spec.Questions[0].Options[0].Text = "changed"
	key.Spec.Answers[2].OptionFeedback[0].Text = "changed"
	if diff := cmp.Diff(before, mustEncode(t, b)); diff != "" {
		t.Errorf("the bundle changed (-before +after):\n%s", diff)
	}
}

func TestHash(t *testing.T) {
	same := map[string]func(e *v1alpha1.Exercise, t *v1alpha1.Topic, k *v1alpha1.AnswerKey){
		"nothing": func(*v1alpha1.Exercise, *v1alpha1.Topic, *v1alpha1.AnswerKey) {},
		"the order and space of a setup object's keys": func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			e.Spec.Setup[0] = raw(`{"spec": {"replicas": 1}, "kind":"Deployment", "metadata":{"name":"web"}, "apiVersion":"apps/v1"}`)
		},
		"another way to write a quantity": func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			e.Spec.Resources.CPU = resource.MustParse("1000m")
		},
		"metadata and status": func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			e.ResourceVersion, e.Status.TaskCount = "8", 3
		},
		"a question of another exercise": func(_ *v1alpha1.Exercise, topic *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			topic.Spec.Questions = append(topic.Spec.Questions, v1alpha1.Question{ID: "k8s-99", Exercise: "other"})
		},
		"the order of the key": func(_ *v1alpha1.Exercise, _ *v1alpha1.Topic, k *v1alpha1.AnswerKey) {
			k.Spec.Answers[0], k.Spec.Answers[1] = k.Spec.Answers[1], k.Spec.Answers[0]
		},
	}
	differs := map[string]func(e *v1alpha1.Exercise, t *v1alpha1.Topic, k *v1alpha1.AnswerKey){
		"a check": func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			e.Spec.Tasks[0].Checks[0].Needed = "x"
		},
		"a name":  func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) { e.Spec.Title = "x" },
		"a setup": func(e *v1alpha1.Exercise, _ *v1alpha1.Topic, _ *v1alpha1.AnswerKey) { e.Spec.Setup = nil },
		"an option": func(_ *v1alpha1.Exercise, t *v1alpha1.Topic, _ *v1alpha1.AnswerKey) {
			t.Spec.Questions[0].Options[0].Text = "x"
		},
		"an answer": func(_ *v1alpha1.Exercise, _ *v1alpha1.Topic, k *v1alpha1.AnswerKey) {
			k.Spec.Answers[2].Choice = "limit"
		},
	}
	hash := func(change func(*v1alpha1.Exercise, *v1alpha1.Topic, *v1alpha1.AnswerKey)) string {
		e, topic, k := anExercise("hpa-scaling"), aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes")
		e.Spec.Resources.CPU = resource.MustParse("1")
		change(e, topic, k)
		return NewBundle(e, topic, k).Hash()
	}
	want := hash(same["nothing"])
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(want) {
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

// TestARevisionIsTheSameWhenReadBack: a lab that is pinned to what it was started from must not look outdated.
func TestARevisionIsTheSameWhenReadBack(t *testing.T) {
	exercise := anExercise("hpa-scaling")
	exercise.Spec.Resources = v1alpha1.LabResources{CPU: resource.MustParse("1500m"), Memory: resource.MustParse("0.5Gi"), Pods: 12}
	exercise.Spec.Tasks[0].Hold = &metav1.Duration{Duration: 90 * time.Second}
	exercise.Spec.Tasks[0].Hints = []v1alpha1.Hint{{After: metav1.Duration{Duration: 5 * time.Minute}, Text: "<&>"}}
	exercise.Spec.Setup = append(exercise.Spec.Setup, raw(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"<&>\u2028ä"},"big":12345678901234567890,"exact":1.10}`))
	b := NewBundle(exercise, aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes"))
	data := mustEncode(t, b)
	if !strings.Contains(data, "12345678901234567890") || !strings.Contains(data, `"exact":1.10`) {
		t.Errorf("numbers lost digits: %s", data)
	}
	read, err := Decode([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(data, mustEncode(t, read)); diff != "" || read.Hash() != b.Hash() {
		t.Errorf("hash %s, was %s; (-before +after):\n%s", read.Hash(), b.Hash(), diff)
	}
}

func TestDecodeRefusesRubbish(t *testing.T) {
	if _, err := Decode([]byte(`{"exercise": 7}`)); err == nil || !strings.HasPrefix(err.Error(), "decoding a bundle: ") {
		t.Errorf("error is %v", err)
	}
}

func TestASetupThatIsNoJSONIsReported(t *testing.T) {
	b := aBundle()
	b.Exercise.Setup = append(b.Exercise.Setup, raw(`{"kind":`))
	if _, err := b.Encode(); err == nil || !strings.Contains(err.Error(), "encoding the bundle of exercise hpa-scaling") {
		t.Errorf("error is %v", err)
	}
	if _, problems := Compile(b); len(problems) != 1 || problems[0].Field != "spec.setup[1]" {
		t.Errorf("problems are %v", problems)
	}
}
