package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// outputAlone is an expression that is an output of a task and nothing else.
var outputAlone = regexp.MustCompile(`^((double|int|uint|string)\()*done\.\w+\.\w+\)*$`)

// checkAnswers finds answers to questions in what a learner reads before they are settled. Whether a question waits for a
// task makes no difference: what has been read is not forgotten.
func (l *exerciseLinter) checkAnswers() {
	for _, q := range l.questions {
		texts := append(l.visibleTexts(), q.feedbackTexts()...)
		for _, t := range texts {
			if answer := q.answerIn(t.text); answer != "" {
				l.findings = append(l.findings, t.document.finding(ruleAnswer, t.field,
					"contains the answer to the question %s, %q: say it in other words, or leave it to the model answer", q.ID, answer))
			}
		}
		if q.answer.Live != nil && outputAlone.MatchString(withoutSpaces(q.answer.Live.Expression)) {
			l.findings = append(l.findings, q.key.Document.finding(ruleAnswer, fmt.Sprintf("spec.answers[%s].live.expression", q.ID),
				"is an output of a task, which the learner reads in the status: compute it from the evidence"))
		}
		for _, e := range l.expressions {
			if q.answer.Live != nil && e.role == messageRole && strings.Contains(withoutSpaces(e.text), withoutSpaces(q.answer.Live.Expression)) {
				l.report(ruleAnswer, e.field, "shows what the live answer to the question %s computes: show what it is computed from", q.ID)
			}
		}
	}
}

// feedbackTexts are shown for wrong answers, while there are attempts left.
func (q question) feedbackTexts() []visibleText {
	field := fmt.Sprintf("spec.answers[%s]", q.ID)
	all := []visibleText{{document: q.key.Document, field: field + ".feedback", text: q.answer.Feedback}}
	for _, f := range q.answer.OptionFeedback {
		all = append(all, visibleText{document: q.key.Document, field: fmt.Sprintf("%s.optionFeedback[%s].text", field, f.Option), text: f.Text})
	}
	return all
}

// answerIn is the answer that a text contains, empty when it has none.
func (q question) answerIn(text string) string {
	form, known := quiz.FormOf(q.Type)
	if !known || q.answer.Live != nil {
		return ""
	}
	given := wordsIn(text)
	if form.HasOptions {
		return q.rightOptionIn(given)
	}
	for _, right := range form.Keyed(q.answer) {
		switch {
		case form.Measured:
			if number := numberIn(given, right, q.Unit); number != "" {
				return number
			}
		case letters(right) > shortText && hasWords(given, wordsIn(right)):
			return right
		}
	}
	return ""
}

// rightOptionIn is the right option all of whose words stand in a text. Next to a wrong one it gives nothing away.
func (q question) rightOptionIn(given []string) string {
	found := ""
	for _, option := range q.Options {
		if !hasWords(given, wordsIn(option.Text)) {
			continue
		}
		if !isRight(q.answer, option) {
			return ""
		}
		found = cmp.Or(found, option.Text)
	}
	return found
}

func isRight(answer v1beta1.Answer, option v1beta1.Option) bool {
	return slices.Contains(quiz.RightOptions(answer), option.Name)
}

// withoutSpaces is an expression without its spaces.
func withoutSpaces(expression string) string {
	return strings.Join(strings.Fields(expression), "")
}
