package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// recorded is an expression that is a record of a task and nothing else.
var recorded = regexp.MustCompile(`^((double|int|uint|string)\()*done\.\w+\.\w+\)*$`)

// lookForAnswers finds answers to questions in what a learner reads before they are settled. Whether a question waits for a
// task makes no difference: what has been read is not forgotten.
func (s *subject) lookForAnswers() {
	for _, a := range s.asked {
		texts := append(s.texts(), a.feedback()...)
		for _, t := range texts {
			if answer := a.givenAway(t.text); answer != "" {
				s.findings = append(s.findings, t.document.finding(ruleAnswer, t.field,
					"contains the answer to the question %s, %q: say it in other words, or leave it to the model answer", a.question.ID, answer))
			}
		}
		if a.answer.Live != nil && recorded.MatchString(dense(a.answer.Live.Expression)) {
			s.findings = append(s.findings, a.key.Document.finding(ruleAnswer, fmt.Sprintf("spec.answers[%s].live.expression", a.question.ID),
				"is a record, which the learner reads in the status: compute it from the evidence"))
		}
		for _, e := range s.expressions {
			if a.answer.Live != nil && e.role == words && strings.Contains(dense(e.text), dense(a.answer.Live.Expression)) {
				s.find(ruleAnswer, e.field, "shows what the live answer to the question %s computes: show what it is computed from", a.question.ID)
			}
		}
	}
}

// feedback is what is said of wrong answers, while there are attempts left.
func (a asked) feedback() []told {
	field := fmt.Sprintf("spec.answers[%s]", a.question.ID)
	all := []told{{document: a.key.Document, field: field + ".feedback", text: a.answer.Feedback}}
	for _, f := range a.answer.OptionFeedback {
		all = append(all, told{document: a.key.Document, field: fmt.Sprintf("%s.optionFeedback[%s].text", field, f.Option), text: f.Text})
	}
	return all
}

// givenAway is the answer to a question that a text contains, empty when it has none.
func (a asked) givenAway(text string) string {
	given := wordsIn(text)
	switch {
	case a.answer.Number != nil:
		return numberIn(given, a.answer.Number.Value, a.question.Unit)
	case a.answer.Text != nil:
		for _, accepted := range a.answer.Text.Accepted {
			if letters(accepted) > shortText && hasWords(given, wordsIn(accepted)) {
				return accepted
			}
		}
	case a.answer.Live == nil:
		return a.optionIn(given)
	}
	return ""
}

// optionIn is the right option that stands in a text in all its words. Beside a wrong one it gives nothing away.
func (a asked) optionIn(given []string) string {
	found := ""
	for _, option := range a.question.Options {
		if !hasWords(given, wordsIn(option.Text)) {
			continue
		}
		if !a.isRight(option) {
			return ""
		}
		found = cmp.Or(found, option.Text)
	}
	return found
}

func (a asked) isRight(option v1alpha1.Option) bool {
	return option.Name == a.answer.Choice || slices.Contains(a.answer.Choices, option.Name)
}

// dense is an expression without its spaces.
func dense(expression string) string {
	return strings.Join(strings.Fields(expression), "")
}
