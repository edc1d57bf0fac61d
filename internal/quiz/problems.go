package quiz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Problem is something that an author has to correct in an answer of the key.
type Problem struct {
	// Field is its path within the answer, as in choices[0].
	Field string
	// Message says what is wrong and what to do.
	Message string
}

// Mismatch says that an answer does not go with the type of its question; empty where it does. An answer has the member of
// the type, or live, and nothing else.
func Mismatch(q v1beta1.Question, answer v1beta1.Answer) string {
	form, known := FormOf(q.Type)
	if !known {
		return unknownForm(q.Type)
	}
	var given []string
	for _, other := range Forms() {
		if _, is := other.key(answer); is {
			given = append(given, other.Member)
		}
	}
	if answer.Live != nil {
		given = append(given, "live")
	}
	if len(given) == 1 && (answer.Live != nil || given[0] == form.Member) {
		return ""
	}
	return fmt.Sprintf("the question is of the type %s: the answer must have %s or live, and nothing else", q.Type, form.Member)
}

// Problems finds what an answer says that cannot be said of its question. The answer goes with the type of the question.
func Problems(q v1beta1.Question, answer v1beta1.Answer) []Problem {
	form, known := FormOf(q.Type)
	if !known {
		return nil
	}
	var problems []Problem
	if form.problems != nil {
		problems = form.problems(q, form.Keyed(answer))
	}
	problems = append(problems, feedbackProblems(q, answer)...)
	if answer.Live != nil && answer.Live.Tolerance != "" && !form.Measured {
		problems = append(problems, Problem{
			Field:   "live.tolerance",
			Message: fmt.Sprintf("goes with the type %s, and the question is of the type %s: take it out", measuredTypes(), q.Type),
		})
	}
	return problems
}

// measuredTypes names the types whose keys can have a tolerance.
func measuredTypes() string {
	var names []string
	for _, form := range Forms() {
		if form.Measured {
			names = append(names, string(form.Type))
		}
	}
	return strings.Join(names, " or ")
}

// feedbackProblems looks at what is said about the options.
func feedbackProblems(q v1beta1.Question, answer v1beta1.Answer) []Problem {
	if len(q.Options) == 0 {
		if len(answer.OptionFeedback) == 0 {
			return nil
		}
		return []Problem{{
			Field: "optionFeedback", Message: fmt.Sprintf("a question of the type %s has no options: write feedback instead", q.Type),
		}}
	}
	var problems []Problem
	for _, f := range answer.OptionFeedback {
		field := fmt.Sprintf("optionFeedback[%s]", f.Option)
		problems = append(problems, noOptions(q, []string{f.Option}, func(int) string { return field })...)
		if slices.Contains(optionNames(q), f.Option) && slices.Contains(RightOptions(answer), f.Option) {
			problems = append(problems, Problem{Field: field, Message: "this option is a right one: feedback says why an option is wrong"})
		}
	}
	return problems
}

// noOptions finds names that no option of the question has, each at its field.
func noOptions(q v1beta1.Question, names []string, field func(i int) string) []Problem {
	known := optionNames(q)
	var problems []Problem
	for i, name := range names {
		if !slices.Contains(known, name) {
			problems = append(problems, Problem{
				Field: field(i), Message: fmt.Sprintf("the question has no option %s: it has %s", name, strings.Join(known, ", ")),
			})
		}
	}
	return problems
}
