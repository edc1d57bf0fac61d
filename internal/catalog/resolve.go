package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Refusal says why a Lab cannot start.
type Refusal struct {
	// Reason is one of the reasons of conditions in the API.
	Reason string
	// Message says what there is and what to do.
	Message string
}

// Limits of the message of a refusal.
const (
	messageProblems = 5
	messageLength   = 1024
)

// ExerciseName is the exercise that a Lab works on: the one it names, or the topic's first. It is empty when neither
// says.
func ExerciseName(spec v1beta1.LabSpec, topic *v1beta1.Topic) string {
	if spec.Exercise != "" || topic == nil || len(topic.Spec.Exercises) == 0 {
		return spec.Exercise
	}
	return topic.Spec.Exercises[0]
}

// Resolve finds what a Lab asks for. What is nil was not found. The bundle is empty when the Lab is refused.
func Resolve(spec v1beta1.LabSpec, topic *v1beta1.Topic, exercise *v1beta1.Exercise, key *v1beta1.AnswerKey) (Bundle, *Refusal) {
	if topic == nil {
		return refuse(v1beta1.ReasonTopicNotFound,
			"there is no Topic %s: kubectl get topics lists those there are; add this one, or create a new Lab with another", spec.Topic)
	}
	name := ExerciseName(spec, topic)
	if !slices.Contains(topic.Spec.Exercises, name) {
		return refuse(v1beta1.ReasonExerciseNotInTopic, "topic %s does not list the exercise %s: it lists %s; choose one of them in a new Lab",
			topic.Name, name, strings.Join(topic.Spec.Exercises, ", "))
	}
	if exercise == nil {
		return refuse(v1beta1.ReasonExerciseNotFound,
			"topic %s lists the exercise %s, but there is no Exercise of that name: add it, or choose another in a new Lab", topic.Name, name)
	}
	bundle := NewBundle(exercise, topic, key)
	if key == nil && len(bundle.Questions) > 0 {
		return refuse(v1beta1.ReasonInvalidTopic,
			"topic %s has questions, but there is no AnswerKey %s in the operator's namespace: add it there", topic.Name, topic.Name)
	}
	return bundle, nil
}

func refuse(reason, format string, args ...any) (Bundle, *Refusal) {
	return Bundle{}, &Refusal{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Refuse turns problems into one bounded message: the reason is InvalidTopic when they lie in the topic or its key alone,
// and InvalidExercise otherwise. It is nil when there are none.
func Refuse(problems []check.Problem) *Refusal {
	if len(problems) == 0 {
		return nil
	}
	reason := v1beta1.ReasonInvalidTopic
	var lines []string
	for _, p := range problems {
		if !isOfTopic(p) {
			reason = v1beta1.ReasonInvalidExercise
		}
		if line := p.String(); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if more := len(lines) - messageProblems; more > 0 {
		lines = append(lines[:messageProblems], fmt.Sprintf("and %d more", more))
	}
	return &Refusal{Reason: reason, Message: text.OneLine(strings.Join(lines, "; "), messageLength)}
}

func isOfTopic(p check.Problem) bool {
	return slices.ContainsFunc([]string{fieldQuestions, fieldAnswers, fieldExercises, fieldTopic}, func(prefix string) bool {
		return strings.HasPrefix(p.Field, prefix)
	})
}
