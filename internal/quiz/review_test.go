package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestReview(t *testing.T) {
	option := func(letter, text string, correct *bool, feedback string) v1beta1.ReviewedOption {
		return v1beta1.ReviewedOption{Letter: letter, Text: text, Correct: correct, Feedback: feedback}
	}
	yes, no := ptr.To(true), ptr.To(false)
	tests := map[string]struct {
		in   Input
		want v1beta1.ReviewedQuestion
	}{
		"Choice": {choiceInput(), v1beta1.ReviewedQuestion{
			ID: "k8s-04", Prompt: "?", Answer: letterOf("request") + ") The CPU request", Feedback: "general", ModelAnswer: "model",
			Options: []v1beta1.ReviewedOption{
				option("a", "The quota", no, ""), option("b", "The node's CPU", no, ""),
				option("c", "The CPU limit", no, "limits throttle"), option("d", "The CPU request", yes, ""),
			},
		}},
		"MultiChoice": {multiInput(), v1beta1.ReviewedQuestion{
			ID: "k8s-04", Prompt: "?", Answer: "a) The quota; d) The CPU request", Feedback: "general", ModelAnswer: "model",
			Options: []v1beta1.ReviewedOption{
				option("a", "The quota", yes, ""), option("b", "The node's CPU", no, "nodes have room"),
				option("c", "The CPU limit", no, "limits throttle"), option("d", "The CPU request", yes, ""),
			},
		}},
		"a live Choice": {live(choiceInput(), []any{"request"}), v1beta1.ReviewedQuestion{
			ID: "k8s-04", Prompt: "?", Feedback: "general", ModelAnswer: "model",
			Options: []v1beta1.ReviewedOption{
				option("a", "The quota", nil, ""), option("b", "The node's CPU", nil, ""),
				option("c", "The CPU limit", nil, "limits throttle"), option("d", "The CPU request", nil, ""),
			},
		}},
		"Text": {textInput(), v1beta1.ReviewedQuestion{ID: "k8s-07", Answer: "The Kubelet", Feedback: "look again", ModelAnswer: "model"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.in.Previous.State, tc.want.State = v1beta1.QuestionExhausted, v1beta1.QuestionExhausted
			if diff := cmp.Diff(tc.want, Review(tc.in)); diff != "" {
				t.Errorf("review (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReviewOfANumberHasItsUnit(t *testing.T) {
	if got := Review(numberInput()).Answer; got != "300 seconds" {
		t.Errorf("the answer is %q", got)
	}
}

func TestTheLargestAnswerFitsTheReview(t *testing.T) {
	in := multiInput()
	in.Question.Options, in.Answer.Choices = nil, nil
	for i := range 8 {
		name := letter(i) + strings.Repeat("x", 30)
		in.Question.Options = append(in.Question.Options, v1beta1.Option{Name: name, Text: strings.Repeat("é", 512)})
		if i < 7 {
			in.Answer.Choices = append(in.Answer.Choices, name)
		}
	}
	answer := Review(in).Answer
	if n := len([]rune(answer)); n > 1024 || strings.Count(answer, ") é") != 7 {
		t.Errorf("the answer has %d characters: %s", n, answer)
	}
}
