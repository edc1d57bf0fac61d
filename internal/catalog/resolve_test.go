package catalog

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

func TestResolve(t *testing.T) {
	topic := aTopic("kubernetes", "hpa-scaling", "helm-release")
	tests := map[string]struct {
		spec     v1beta1.LabSpec
		topic    *v1beta1.Topic
		exercise *v1beta1.Exercise
		key      *v1beta1.AnswerKey
		want     string
		refusal  *Refusal
	}{
		"the topic's first exercise": {
			spec: v1beta1.LabSpec{Topic: "kubernetes"}, topic: topic, exercise: anExercise("hpa-scaling"), key: aKey("kubernetes"), want: "hpa-scaling",
		},
		"the exercise that is named": {
			spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "helm-release"}, topic: topic, exercise: anExercise("helm-release"), key: aKey("kubernetes"), want: "helm-release",
		},
		"no key is needed without questions": {
			spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "helm-release"}, topic: topic, exercise: anExercise("helm-release"), want: "helm-release",
		},
		"an unknown topic": {
			spec: v1beta1.LabSpec{Topic: "kubernets"},
			refusal: &Refusal{v1beta1.ReasonTopicNotFound,
				"there is no Topic kubernets: kubectl get topics lists those there are; add this one, or create a new Lab with another"},
		},
		"an exercise that the topic does not list": {
			spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "kafka-lag"}, topic: topic, exercise: anExercise("kafka-lag"), key: aKey("kubernetes"),
			refusal: &Refusal{v1beta1.ReasonExerciseNotInTopic,
				"topic kubernetes does not list the exercise kafka-lag: it lists hpa-scaling, helm-release; choose one of them in a new Lab"},
		},
		"an exercise that does not exist": {
			spec: v1beta1.LabSpec{Topic: "kubernetes"}, topic: topic, key: aKey("kubernetes"),
			refusal: &Refusal{v1beta1.ReasonExerciseNotFound, "topic kubernetes lists the exercise hpa-scaling, but there is no Exercise of that name: " +
				"add it, or choose another in a new Lab"},
		},
		"questions without a key": {
			spec: v1beta1.LabSpec{Topic: "kubernetes"}, topic: topic, exercise: anExercise("hpa-scaling"),
			refusal: &Refusal{v1beta1.ReasonInvalidTopic,
				"topic kubernetes has questions, but there is no AnswerKey kubernetes in the operator's namespace: add it there"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, refusal := Resolve(tc.spec, tc.topic, tc.exercise, tc.key)
			if diff := cmp.Diff(tc.refusal, refusal); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
			if got.ExerciseName != tc.want {
				t.Errorf("the bundle is of %q, want %q", got.ExerciseName, tc.want)
			}
		})
	}
}

func TestExerciseName(t *testing.T) {
	tests := map[string]struct {
		spec  v1beta1.LabSpec
		topic *v1beta1.Topic
		want  string
	}{
		"named":             {v1beta1.LabSpec{Exercise: "b"}, aTopic("t", "a"), "b"},
		"the topic's first": {v1beta1.LabSpec{}, aTopic("t", "a", "b"), "a"},
		"no topic":          {v1beta1.LabSpec{}, nil, ""},
		"an empty topic":    {v1beta1.LabSpec{}, &v1beta1.Topic{}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ExerciseName(tc.spec, tc.topic); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	ofExercise := check.Problem{Field: "spec.tasks[0].checks[0].expression", Message: "returns int: it must return a bool"}
	ofKey := check.Problem{Field: "spec.answers[k8s-01].choice", Message: "the question has no option x: it has a, b"}
	var many []check.Problem
	for i := range 9 {
		many = append(many, check.Problem{Field: fmt.Sprintf("spec.setup[%d]", i), Message: "m"})
	}
	tests := map[string]struct {
		problems []check.Problem
		want     *Refusal
	}{
		"nothing is wrong":   {nil, nil},
		"in the exercise":    {[]check.Problem{ofExercise}, &Refusal{v1beta1.ReasonInvalidExercise, ofExercise.String()}},
		"in the key":         {[]check.Problem{ofKey}, &Refusal{v1beta1.ReasonInvalidTopic, ofKey.String()}},
		"in both":            {[]check.Problem{ofKey, ofExercise}, &Refusal{v1beta1.ReasonInvalidExercise, ofKey.String() + "; " + ofExercise.String()}},
		"the same told once": {[]check.Problem{ofKey, ofKey}, &Refusal{v1beta1.ReasonInvalidTopic, ofKey.String()}},
		"many": {many, &Refusal{v1beta1.ReasonInvalidExercise,
			"spec.setup[0]: m; spec.setup[1]: m; spec.setup[2]: m; spec.setup[3]: m; spec.setup[4]: m; and 4 more"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Refuse(tc.problems)); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
	long := Refuse([]check.Problem{{Field: "f", Message: strings.Repeat("ä", 5000)}})
	if n := utf8.RuneCountInString(long.Message); n > messageLength {
		t.Errorf("the message has %d characters", n)
	}
}
