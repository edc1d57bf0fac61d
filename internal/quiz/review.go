package quiz

import (
	"slices"

	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Review is all that a learner may read about a question, once it is settled in the state of in.Previous. It depends on
// nothing that changes later.
func Review(in Input) v1beta1.ReviewedQuestion {
	question := &in.Question
	review := v1beta1.ReviewedQuestion{
		ID:                question.ID,
		State:             in.Previous.State,
		InterviewQuestion: question.InterviewQuestion,
		Prompt:            question.Prompt,
		Feedback:          in.Answer.Feedback,
		ModelAnswer:       in.Answer.ModelAnswer,
		References:        slices.Clone(question.References),
	}
	form, known := FormOf(question.Type)
	var rights []string
	if known && in.Answer.Live == nil {
		rights, _ = form.rightAnswers(in)
	}
	for i, option := range shuffled(in.Learner, *question) {
		review.Options = append(review.Options, v1beta1.ReviewedOption{
			Letter: letter(i), Text: option.Text, Correct: isCorrect(option.Name, rights), Feedback: feedbackOn(option.Name, in.Answer),
		})
	}
	if len(rights) > 0 {
		review.Answer = form.answerText(in, rights[0])
	}
	return review
}

// isCorrect tells whether an option is part of a right answer, nil where none is known.
func isCorrect(option string, rights []string) *bool {
	if len(rights) == 0 {
		return nil
	}
	return ptr.To(slices.ContainsFunc(rights, func(right string) bool { return slices.Contains(members(right), option) }))
}

// feedbackOn is what the author says about an option.
func feedbackOn(option string, answer v1beta1.Answer) string {
	for _, f := range answer.OptionFeedback {
		if f.Option == option {
			return f.Text
		}
	}
	return ""
}

// answerText is a right answer in normal form as a learner reads it.
func (f Form) answerText(in Input, right string) string {
	if f.HasOptions {
		return optionsOf(in, members(right))
	}
	return f.wording(in.Question, in.Answer)
}

// Wording is the right answer of a key in words. It is empty where the options say it, and where it is computed.
func Wording(q v1beta1.Question, answer v1beta1.Answer) string {
	form, known := FormOf(q.Type)
	if !known || form.wording == nil || len(form.Keyed(answer)) == 0 {
		return ""
	}
	return form.wording(q, answer)
}
