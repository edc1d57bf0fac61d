package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
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
func pairProblems(q v1alpha1.Question, a v1alpha1.Answer, exercise *v1alpha1.ExerciseSpec) (live *check.Live, problems []check.Problem) {
	add := func(field, format string, args ...any) {
		problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if exercise != nil && !slices.ContainsFunc(exercise.Tasks, func(t v1alpha1.Task) bool { return t.Name == q.Task }) {
		add(questionField(q.ID)+".task", "the exercise %s has no task %s: it has %s", q.Exercise, q.Task, taskNames(exercise))
	}
	if form := formOf(a); form != q.Form {
		add(answerField(a.ID), "the question is of the form %s: the answer must have %s and nothing else", q.Form, keyField(q.Form))
		return nil, problems
	}
	switch q.Form {
	case v1alpha1.FormChoice:
		problems = append(problems, choiceProblems(q, a)...)
	case v1alpha1.FormLive:
		if exercise == nil {
			break
		}
		compiled, err := check.CompileLive(exercise, a.Live.Expression)
		if err != nil {
			add(answerField(a.ID)+".live.expression", "%v", err)
		}
		live = compiled
	}
	return live, problems
}

func choiceProblems(q v1alpha1.Question, a v1alpha1.Answer) []check.Problem {
	var problems []check.Problem
	names := make([]string, 0, len(q.Options))
	for i, o := range q.Options {
		if slices.Contains(names, o.Name) {
			problems = append(problems, check.Problem{
				Field: fmt.Sprintf("%s.options[%d].name", questionField(q.ID), i), Message: fmt.Sprintf("another option is named %s: each needs a name of its own", o.Name),
			})
		}
		names = append(names, o.Name)
	}
	if !slices.Contains(names, a.Choice) {
		problems = append(problems, check.Problem{
			Field: answerField(a.ID) + ".choice", Message: fmt.Sprintf("the question has no option %s: it has %s", a.Choice, strings.Join(names, ", ")),
		})
	}
	for _, f := range a.OptionFeedback {
		field := fmt.Sprintf("%s.optionFeedback[%s]", answerField(a.ID), f.Option)
		switch {
		case !slices.Contains(names, f.Option):
			problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf("the question has no option %s: it has %s", f.Option, strings.Join(names, ", "))})
		case f.Option == a.Choice:
			problems = append(problems, check.Problem{Field: field, Message: "this option is the right one: feedback says why an option is wrong"})
		}
	}
	return problems
}

// formOf is the form that an answer fits, empty when it has none or several.
func formOf(a v1alpha1.Answer) v1alpha1.QuestionForm {
	var forms []v1alpha1.QuestionForm
	if a.Choice != "" {
		forms = append(forms, v1alpha1.FormChoice)
	}
	if a.Number != nil {
		forms = append(forms, v1alpha1.FormNumber)
	}
	if a.Live != nil {
		forms = append(forms, v1alpha1.FormLive)
	}
	if len(forms) != 1 {
		return ""
	}
	return forms[0]
}

func keyField(form v1alpha1.QuestionForm) string {
	return strings.ToLower(string(form))
}

func taskNames(spec *v1alpha1.ExerciseSpec) string {
	names := make([]string, 0, len(spec.Tasks))
	for _, t := range spec.Tasks {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}
