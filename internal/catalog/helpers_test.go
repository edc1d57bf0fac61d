package catalog

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

func anExercise(name string) *v1beta1.Exercise {
	return &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: "7"},
		Spec: v1beta1.ExerciseSpec{
			Title: "Scale",
			Evidence: []v1beta1.Evidence{
				{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod", Limit: 100}},
				{Name: "web", Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}},
				{Name: "api", Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "api"}},
			},
			Tasks: []v1beta1.Task{{
				Name: "requests", Title: "t", Instructions: "i",
				Checks: []v1beta1.Check{{Expression: "web.spec.replicas == 2", Expected: "two replicas"}},
			}},
			Setup: []runtime.RawExtension{raw(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1}}`)},
		},
	}
}

func aTopic(name string, exercises ...string) *v1beta1.Topic {
	return &v1beta1.Topic{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1beta1.TopicSpec{Title: "Topic", Exercises: exercises, Questions: []v1beta1.Question{
			{ID: "k8s-01", Exercise: exercises[0], Task: "requests", Type: v1beta1.QuestionTypeChoice, Attempts: 3,
				Options: []v1beta1.Option{{Name: "limit", Text: "limit"}, {Name: "request", Text: "request"}}},
			{ID: "k8s-02", Exercise: exercises[0], Task: "requests", Type: v1beta1.QuestionTypeNumber, Unit: "seconds", Attempts: 3},
			{ID: "k8s-03", Exercise: exercises[0], Task: "requests", Type: v1beta1.QuestionTypeNumber, Attempts: 3},
		}},
	}
}

func aKey(topic string) *v1beta1.AnswerKey {
	return &v1beta1.AnswerKey{
		ObjectMeta: metav1.ObjectMeta{Name: topic},
		Spec: v1beta1.AnswerKeySpec{Topic: topic, Answers: []v1beta1.Answer{
			{ID: "k8s-03", Live: &v1beta1.LiveAnswer{Expression: "size(pods)"}, ModelAnswer: "m"},
			{ID: "k8s-02", Number: &v1beta1.NumberAnswer{Value: "300"}, ModelAnswer: "m"},
			{ID: "k8s-01", Choice: "request", OptionFeedback: []v1beta1.OptionFeedback{{Option: "limit", Text: "no"}}, ModelAnswer: "m"},
		}},
	}
}

func aBundle() Bundle {
	return NewBundle(anExercise("hpa-scaling"), aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes"))
}

func raw(text string) runtime.RawExtension {
	return runtime.RawExtension{Raw: []byte(text)}
}

var errDiscovery = errors.New("discovery is down")

// cluster knows a few kinds.
type cluster struct{ down bool }

func (c cluster) IsNamespaced(gk schema.GroupKind, version string) (bool, error) {
	if c.down {
		return false, errDiscovery
	}
	switch gk.String() + "/" + version {
	case "Deployment.apps/v1", "ConfigMap/v1", "Secret/v1", "Service/v1", "Pod/v1", "Deployment.apps/v1beta1":
		return true, nil
	case "PersistentVolume/v1", "CustomResourceDefinition.apiextensions.k8s.io/v1":
		return false, nil
	}
	return false, &meta.NoKindMatchError{GroupKind: gk, SearchedVersions: []string{version}}
}

// pinOf is a bundle in the language of now.
func pinOf(b Bundle) Pin { return Pin{Language: check.CurrentLanguage(), Bundle: b} }

func mustEncode(t *testing.T, b Bundle) string {
	t.Helper()
	data, err := pinOf(b).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
