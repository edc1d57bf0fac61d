package quiz

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// What a learner reads where the author is at fault. It does not quote the key.
const (
	report = ": tell the author of the topic"
	misfit = "the answer key does not fit this question" + report
)

// rightAnswers are the right answers in normal form: any of them will do. There are none while a live one is not
// known. The fault says what is wrong with the key.
func (f Form) rightAnswers(in Input) (rights []string, fault string) {
	if in.Answer.Live != nil {
		return in.Live.Values, in.Live.Fault
	}
	rights, err := f.expected(in.Question, f.Keyed(in.Answer))
	if err != nil || len(rights) == 0 {
		return nil, misfit
	}
	return rights, ""
}

// Expected brings what a live expression returned into the normal form of answers. A text that nobody can type is left out.
// An error says what does not fit the question; it does not quote the value, which may be close to the right answer.
func Expected(q v1beta1.Question, values []any) ([]string, error) {
	form, known := FormOf(q.Type)
	if !known {
		return nil, errors.New(unknownForm(q.Type))
	}
	written := make([]string, 0, len(values))
	for _, value := range values {
		written = append(written, plain(value))
	}
	return form.expected(q, written)
}

// expected brings right values into the normal form of answers.
func (f Form) expected(q v1beta1.Question, values []string) ([]string, error) {
	var normal []string
	for _, value := range values {
		one, err := f.normal(q, value)
		if err != nil {
			return nil, err
		}
		if one != "" && !slices.Contains(normal, one) {
			normal = append(normal, one)
		}
	}
	if f.Together && len(normal) > 0 {
		return []string{setOf(normal)}, nil
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

// feedback is the author's on a wrong answer: on the first option that was chosen and is part of no right answer, or
// the one for all wrong answers.
func feedback(in Input, answer string, rights []string) string {
	for _, name := range lettered(in) {
		isRight := slices.ContainsFunc(rights, func(right string) bool { return slices.Contains(members(right), name) })
		if isRight || !slices.Contains(members(answer), name) {
			continue
		}
		if told := feedbackOn(name, in.Answer); told != "" {
			return told
		}
	}
	if in.Answer.Feedback != "" {
		return in.Answer.Feedback
	}
	return "that is not right: look again and give another answer"
}
