package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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
func TopicProblems(topic *v1alpha1.Topic, key *v1alpha1.AnswerKey, exercises map[string]*v1alpha1.Exercise) []check.Problem {
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
		if slices.ContainsFunc(topic.Spec.Questions[:i], func(o v1alpha1.Question) bool { return o.ID == q.ID }) {
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
		var spec *v1alpha1.ExerciseSpec
		if exercise := exercises[q.Exercise]; exercise != nil {
			spec = &exercise.Spec
		}
		_, found := pairProblems(q, *answer, spec)
		problems = append(problems, found...)
	}
	if key == nil {
		return problems
	}
	for _, a := range key.Spec.Answers {
		if !slices.ContainsFunc(topic.Spec.Questions, func(q v1alpha1.Question) bool { return q.ID == a.ID }) {
			add(answerField(a.ID), "topic %s has no question of this id: take the answer out or correct the id", topic.Name)
		}
	}
	return problems
}

// pairProblems compares a question with its answer and with the exercise that it stands in. The exercise is nil when it is not
// known. A live answer comes back compiled.
func pairProblems(q v1alpha1.Question, a v1alpha1.Answer, exercise *v1alpha1.ExerciseSpec) (*check.Live, []check.Problem) {
	var problems []check.Problem
	add := func(field, format string, args ...any) {
		problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if exercise != nil && !slices.ContainsFunc(exercise.Tasks, func(t v1alpha1.Task) bool { return t.Name == q.Task }) {
		add(questionField(q.ID)+".task", "the exercise %s has no task %s: it has %s", q.Exercise, q.Task, taskNames(exercise))
	}
	problems = append(problems, optionProblems(q)...)
	if !answersForm(q.Form, a) {
		add(answerField(a.ID), "the question is of the form %s: the answer must have %s or live, and nothing else", q.Form, keyField(q.Form))
		return nil, problems
	}
	problems = append(problems, keyProblems(q, a)...)
	if a.Live == nil || exercise == nil {
		return nil, problems
	}
	live, err := check.CompileLive(exercise, q.Form, a.Live.Expression)
	if err != nil {
		add(answerField(a.ID)+".live.expression", "%v", err)
	}
	return live, problems
}

// optionProblems looks at the options alone.
func optionProblems(q v1alpha1.Question) []check.Problem {
	var problems []check.Problem
	names := optionNames(q)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			problems = append(problems, check.Problem{
				Field: fmt.Sprintf("%s.options[%d].name", questionField(q.ID), i), Message: fmt.Sprintf("another option is named %s: each needs a name of its own", name),
			})
		}
	}
	return problems
}

// keyProblems looks at whether what the key says can be said of this question.
func keyProblems(q v1alpha1.Question, a v1alpha1.Answer) []check.Problem {
	var problems []check.Problem
	add := func(field, format string, args ...any) {
		problems = append(problems, check.Problem{Field: answerField(a.ID) + "." + field, Message: fmt.Sprintf(format, args...)})
	}
	names := optionNames(q)
	unknown := func(name string) bool { return !slices.Contains(names, name) }
	const noOption = "the question has no option %s: it has %s"
	if a.Choice != "" && unknown(a.Choice) {
		add("choice", noOption, a.Choice, strings.Join(names, ", "))
	}
	for i, name := range a.Choices {
		if unknown(name) {
			add(fmt.Sprintf("choices[%d]", i), noOption, name, strings.Join(names, ", "))
		}
	}
	if len(names) == 0 && len(a.OptionFeedback) > 0 {
		add("optionFeedback", "a question of the form %s has no options: write feedback instead", q.Form)
		a.OptionFeedback = nil
	}
	for _, f := range a.OptionFeedback {
		field := fmt.Sprintf("optionFeedback[%s]", f.Option)
		switch {
		case unknown(f.Option):
			add(field, noOption, f.Option, strings.Join(names, ", "))
		case f.Option == a.Choice, slices.Contains(a.Choices, f.Option):
			add(field, "this option is a right one: feedback says why an option is wrong")
		}
	}
	if a.Text != nil {
		for i, accepted := range a.Text.Accepted {
			if normal, err := quiz.Expected(q, []any{accepted}); err != nil || len(normal) == 0 {
				add(fmt.Sprintf("text.accepted[%d]", i), "has nothing but spaces and punctuation, which do not count: write a word")
			}
		}
	}
	if a.Live != nil && a.Live.Tolerance != "" && q.Form != v1alpha1.FormNumber {
		add("live.tolerance", "goes with the form Number, and the question is of the form %s: take it out", q.Form)
	}
	return problems
}

func optionNames(q v1alpha1.Question) []string {
	names := make([]string, 0, len(q.Options))
	for _, o := range q.Options {
		names = append(names, o.Name)
	}
	return names
}

// answersForm tells whether an answer has what goes with a form, or live, and nothing else.
func answersForm(form v1alpha1.QuestionForm, a v1alpha1.Answer) bool {
	given := map[string]bool{
		"choice": a.Choice != "", "choices": len(a.Choices) > 0, "number": a.Number != nil, "text": a.Text != nil, "live": a.Live != nil,
	}
	maps.DeleteFunc(given, func(_ string, is bool) bool { return !is })
	return len(given) == 1 && (given["live"] || given[keyField(form)])
}

// keyField is the field of an answer that goes with a form.
func keyField(form v1alpha1.QuestionForm) string {
	if form == v1alpha1.FormMultiChoice {
		return "choices"
	}
	return strings.ToLower(string(form))
}

func taskNames(spec *v1alpha1.ExerciseSpec) string {
	names := make([]string, 0, len(spec.Tasks))
	for _, t := range spec.Tasks {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}
