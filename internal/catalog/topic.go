package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// Where problems of a Topic and of its AnswerKey lie. No field of an Exercise begins like these.
const (
	fieldTopic     = "spec.topic"
	fieldExercises = "spec.exercises"
	fieldQuestions = "spec.questions"
	fieldAnswers   = "spec.answers"
)

func questionField(id string) string { return fmt.Sprintf("%s[%s]", fieldQuestions, id) }
func answerField(id string) string   { return fmt.Sprintf("%s[%s]", fieldAnswers, id) }

func missingAnswer(question string) check.Problem {
	return check.Problem{Field: answerField(question), Message: "the AnswerKey has no answer to this question: add one"}
}

// TopicProblems finds what is wrong between a topic, its key and its exercises, which are given by name. The key is nil
// when there is none.
func TopicProblems(topic *v1beta1.Topic, key *v1beta1.AnswerKey, exercises map[string]*v1beta1.Exercise) []check.Problem {
	var problems []check.Problem
	add := func(field, format string, args ...any) {
		problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	for i, name := range topic.Spec.Exercises {
		if exercises[name] == nil {
			add(fmt.Sprintf("%s[%d]", fieldExercises, i), "there is no Exercise %s: add it, or take it off the list", name)
		}
	}
	switch {
	case key == nil && len(topic.Spec.Questions) > 0:
		add(fieldTopic, "there is no AnswerKey %s in the operator's namespace: add it there", topic.Name)
	case key != nil && key.Spec.Topic != topic.Name:
		add(fieldTopic, "the AnswerKey is for the topic %s: it must be for %s", key.Spec.Topic, topic.Name)
	}
	for i, q := range topic.Spec.Questions {
		if slices.ContainsFunc(topic.Spec.Questions[:i], func(o v1beta1.Question) bool { return o.ID == q.ID }) {
			add(questionField(q.ID), "another question has this id: each needs one of its own")
		}
		if !slices.Contains(topic.Spec.Exercises, q.Exercise) {
			add(questionField(q.ID)+".exercise", "the topic does not list the exercise %s: it lists %s", q.Exercise,
				strings.Join(topic.Spec.Exercises, ", "))
		}
		if key == nil {
			continue
		}
		answer := answerTo(q.ID, key)
		if answer == nil {
			problems = append(problems, missingAnswer(q.ID))
			continue
		}
		var spec *v1beta1.ExerciseSpec
		if exercise := exercises[q.Exercise]; exercise != nil {
			spec = &exercise.Spec
		}
		_, found := pairProblems(check.CurrentLanguage(), q, *answer, spec)
		problems = append(problems, found...)
	}
	if key == nil {
		return problems
	}
	for _, a := range key.Spec.Answers {
		if !slices.ContainsFunc(topic.Spec.Questions, func(q v1beta1.Question) bool { return q.ID == a.ID }) {
			add(answerField(a.ID), "topic %s has no question of this id: take the answer out or correct the id", topic.Name)
		}
	}
	return problems
}

// pairProblems compares a question with its answer and with the exercise that it stands in. The exercise is nil when it is not
// known. A live answer comes back compiled.
func pairProblems(language check.Language, q v1beta1.Question, a v1beta1.Answer, exercise *v1beta1.ExerciseSpec) (*check.Live, []check.Problem) {
	var problems []check.Problem
	add := func(field, format string, args ...any) {
		problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if exercise != nil && !slices.ContainsFunc(exercise.Tasks, func(t v1beta1.Task) bool { return t.Name == q.Task }) {
		add(questionField(q.ID)+".task", "the exercise %s has no task %s: it has %s", q.Exercise, q.Task, taskNames(exercise))
	}
	problems = append(problems, optionProblems(q)...)
	if mismatch := quiz.Mismatch(q, a); mismatch != "" {
		add(answerField(a.ID), "%s", mismatch)
		return nil, problems
	}
	for _, p := range quiz.Problems(q, a) {
		add(answerField(a.ID)+"."+p.Field, "%s", p.Message)
	}
	if a.Live == nil || exercise == nil {
		return nil, problems
	}
	live, err := language.CompileLive(exercise, q.Type, a.Live.Expression)
	if err != nil {
		add(answerField(a.ID)+".live.expression", "%v", err)
	}
	return live, problems
}

// optionProblems looks at the options alone.
func optionProblems(q v1beta1.Question) []check.Problem {
	var problems []check.Problem
	for i, option := range q.Options {
		if slices.ContainsFunc(q.Options[:i], func(o v1beta1.Option) bool { return o.Name == option.Name }) {
			problems = append(problems, check.Problem{
				Field: fmt.Sprintf("%s.options[%d].name", questionField(q.ID), i), Message: fmt.Sprintf("another option is named %s: each needs a name of its own", option.Name),
			})
		}
	}
	return problems
}

func taskNames(spec *v1beta1.ExerciseSpec) string {
	names := make([]string, 0, len(spec.Tasks))
	for _, t := range spec.Tasks {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}
