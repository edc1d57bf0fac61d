package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestNumber(t *testing.T) {
	tests := map[string]struct {
		change       func(*Input)
		answers      []*intstr.IntOrString
		wantState    v1beta1.QuestionState
		wantTried    []string
		wantLeft     int32
		wantFeedback string
	}{
		"an integer":               {answers: []*intstr.IntOrString{integer(300)}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"as text":                  {answers: []*intstr.IntOrString{textAnswer("300")}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"with needless digits":     {answers: []*intstr.IntOrString{textAnswer("+0300.00")}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"with the question's unit": {answers: []*intstr.IntOrString{textAnswer("300 Seconds")}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"with the unit close by":   {answers: []*intstr.IntOrString{textAnswer("300seconds")}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"with the unit's sign": {
			change:  func(in *Input) { in.Question.Unit = "percent" },
			answers: []*intstr.IntOrString{textAnswer("300%")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"with the unit's sign, apart, in decimals": {
			change:  func(in *Input) { in.Question.Unit, in.Answer.Number.Value = "percent", "37.3" },
			answers: []*intstr.IntOrString{textAnswer("37.30 %")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"with the unit in two words": {
			change:  func(in *Input) { in.Question.Unit = "percent" },
			answers: []*intstr.IntOrString{textAnswer("300 per cent.")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"with the unit's sign in front": {
			change:  func(in *Input) { in.Question.Unit = "dollars" },
			answers: []*intstr.IntOrString{textAnswer("$300")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"with the unit in the singular": {answers: []*intstr.IntOrString{textAnswer("300 second")}, wantState: v1beta1.QuestionRight, wantLeft: 3},
		"the sign of another unit": {
			answers: []*intstr.IntOrString{textAnswer("300%")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds",
		},
		"with another unit":                {answers: []*intstr.IntOrString{textAnswer("5 minutes")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"only the unit":                    {answers: []*intstr.IntOrString{textAnswer("seconds")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"text":                             {answers: []*intstr.IntOrString{textAnswer("a lot")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"a fraction":                       {answers: []*intstr.IntOrString{textAnswer("600/2")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"an exponent that would take long": {answers: []*intstr.IntOrString{textAnswer("1e999999999")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"no number":                        {answers: []*intstr.IntOrString{textAnswer("NaN")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"too many digits":                  {answers: []*intstr.IntOrString{textAnswer(strings.Repeat("3", 40))}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"without a unit in the question": {
			change:  func(in *Input) { in.Question.Unit = "" },
			answers: []*intstr.IntOrString{textAnswer("300 seconds")}, wantState: v1beta1.QuestionOpen, wantLeft: 3, wantFeedback: "answer with a number, as in 3 or 0.5",
		},
		"wrong": {
			answers: []*intstr.IntOrString{integer(30)}, wantState: v1beta1.QuestionWrong, wantTried: []string{"30"}, wantLeft: 2,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"the same wrong number in other forms counts once": {
			answers:   []*intstr.IntOrString{integer(30), textAnswer("30.0"), textAnswer("030 seconds"), textAnswer("+30")},
			wantState: v1beta1.QuestionWrong, wantTried: []string{"30"}, wantLeft: 2, wantFeedback: "that is not right: look again and give another answer",
		},
		"nothing is zero by any sign": {
			answers: []*intstr.IntOrString{textAnswer("0"), textAnswer("-0.0")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"0"}, wantLeft: 2,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"decimals keep their digits": {
			answers: []*intstr.IntOrString{textAnswer("0.50"), textAnswer("-1.250")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"0.5", "-1.25"}, wantLeft: 1,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"within the tolerance": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{textAnswer("299.9")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"within it above": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{textAnswer("300.1")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"just out of the tolerance": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{textAnswer("300.10000000001")}, wantState: v1beta1.QuestionWrong, wantLeft: 2, wantTried: []string{"300.10000000001"},
			wantFeedback: "that is not right: look again and give another answer",
		},
		"decimals are exact": {
			change:  func(in *Input) { in.Answer.Number.Value, in.Answer.Number.Tolerance = "0.3", "0.1" },
			answers: []*intstr.IntOrString{textAnswer("0.2")}, wantState: v1beta1.QuestionRight, wantLeft: 3,
		},
		"every attempt used": {
			answers:   []*intstr.IntOrString{integer(1), integer(2), integer(3)},
			wantState: v1beta1.QuestionExhausted, wantTried: []string{"1", "2", "3"}, wantFeedback: "",
		},
		"a question without a number of attempts has three": {
			change:  func(in *Input) { in.Question.Attempts = 0 },
			answers: []*intstr.IntOrString{integer(1)}, wantState: v1beta1.QuestionWrong, wantTried: []string{"1"}, wantLeft: 2,
			wantFeedback: "that is not right: look again and give another answer",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := numberInput()
			if tc.change != nil {
				tc.change(&in)
			}
			want := Grade{State: tc.wantState, Tried: tc.wantTried, AttemptsLeft: tc.wantLeft, Feedback: tc.wantFeedback}
			if diff := cmp.Diff(want, give(in, tc.answers...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}
