package quiz

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// What a learner reads where the author is at fault. It does not quote the key.
const (
	report = ": tell the author of the topic"
	misfit = "the answer key does not fit this question" + report
)

// rightAnswers are the right answers in normal form: any of them will do. There are none while a live one is not
// known. The fault says what is wrong with the key.
func rightAnswers(in Input) (rights []string, fault string) {
	if in.Answer.Live != nil {
		return in.Live.Values, in.Live.Fault
	}
	rights, err := Expected(in.Question, keyed(in.Question.Form, in.Answer))
	if err != nil || len(rights) == 0 {
		return nil, misfit
	}
	return rights, ""
}

// keyed is what the author wrote into the field of the key that goes with a form.
func keyed(form v1alpha1.QuestionForm, answer v1alpha1.Answer) []any {
	var values []any
	switch {
	case form == v1alpha1.FormChoice:
		values = append(values, answer.Choice)
	case form == v1alpha1.FormMultiChoice:
		for _, name := range answer.Choices {
			values = append(values, name)
		}
	case form == v1alpha1.FormNumber && answer.Number != nil:
		values = append(values, answer.Number.Value)
	case form == v1alpha1.FormText && answer.Text != nil:
		for _, accepted := range answer.Text.Accepted {
			values = append(values, accepted)
		}
	}
	return values
}

// Expected brings right values, those of the key or what a live expression returned, into the normal form of answers. A text
// that nobody can type is left out. An error says what does not fit the question; it does not quote the value, which may be
// close to the right answer.
func Expected(q v1alpha1.Question, values []any) ([]string, error) {
	var normal []string
	for _, value := range values {
		one, err := expected(q, plain(value))
		if err != nil {
			return nil, err
		}
		if one != "" && !slices.Contains(normal, one) {
			normal = append(normal, one)
		}
	}
	if q.Form == v1alpha1.FormMultiChoice && len(normal) > 0 {
		return []string{setOf(normal)}, nil
	}
	return normal, nil
}

func expected(q v1alpha1.Question, value string) (string, error) {
	switch q.Form {
	case v1alpha1.FormChoice, v1alpha1.FormMultiChoice:
		names := make([]string, 0, len(q.Options))
		for _, option := range q.Options {
			names = append(names, option.Name)
		}
		if !slices.Contains(names, value) {
			return "", fmt.Errorf("a name that is no option of the question: the options are %s", strings.Join(names, ", "))
		}
		return value, nil
	case v1alpha1.FormNumber:
		number, ok := parseNumber(value)
		if !ok {
			return "", errors.New("a number that nobody can type: it must have at most 32 digits before and after the point")
		}
		return canonical(number), nil
	}
	normal, ok := words{}.read(value)
	if !ok {
		return "", nil
	}
	return normal, nil
}

// plain is a value as a learner reads it in the cluster.
func plain(value any) string {
	if f, ok := value.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// toleranceOf is how far off a number may be.
func toleranceOf(answer v1alpha1.Answer) (*big.Rat, bool) {
	written := ""
	switch {
	case answer.Number != nil:
		written = answer.Number.Tolerance
	case answer.Live != nil:
		written = answer.Live.Tolerance
	}
	if written == "" {
		return new(big.Rat), true
	}
	return parseNumber(written)
}

// feedback is the author's on a wrong answer: on the first option that was chosen and is part of no right answer, or
// the one for all wrong answers.
func feedback(in Input, answer string, rights []string) string {
	for _, name := range lettered(in) {
		isRight := slices.ContainsFunc(rights, func(right string) bool { return slices.Contains(members(right), name) })
		if isRight || !slices.Contains(members(answer), name) {
			continue
		}
		for _, f := range in.Answer.OptionFeedback {
			if f.Option == name {
				return f.Text
			}
		}
	}
	if in.Answer.Feedback != "" {
		return in.Answer.Feedback
	}
	return "that is not right: look again and give another answer"
}

const (
	allUsed = "every attempt is used: "
	// maxQuoted is the largest length of the options that a solution quotes, in characters: with the words around them it
	// fits into the status.
	maxQuoted = 950
)

// solution tells the right answer where it is the same for everyone. It depends on nothing that changes later.
func solution(in Input) string {
	rights, fault := rightAnswers(in)
	if in.Answer.Live != nil || fault != "" {
		return allUsed + "the model answer says what is right"
	}
	answer := rights[0]
	switch in.Question.Form {
	case v1alpha1.FormChoice, v1alpha1.FormMultiChoice:
		answer = optionsOf(in, members(answer))
	case v1alpha1.FormNumber:
		answer = withUnit(in.Answer.Number.Value, in.Question.Unit)
	case v1alpha1.FormText:
		answer = text.OneLine(in.Answer.Text.Accepted[0], text.NoLimit)
	}
	return allUsed + "the right answer is " + answer
}

// optionsOf quotes options with their letters. Where they are too long together, each gets the same share.
func optionsOf(in Input, names []string) string {
	var lines []string
	for i, option := range shuffled(in.Learner, in.Question) {
		if slices.Contains(names, option.Name) {
			lines = append(lines, text.Truncate(fmt.Sprintf("%s) %s", letter(i), option.Text), maxQuoted/len(names)-len("; ")))
		}
	}
	return strings.Join(lines, "; ")
}
