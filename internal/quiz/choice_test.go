package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestChoice(t *testing.T) {
	right, wrong, other, third := letterOf("request"), letterOf("limit"), letterOf("node"), letterOf("quota")
	tests := map[string]struct {
		answers []*intstr.IntOrString
		want    Grade
	}{
		"no answer":                       {[]*intstr.IntOrString{nil}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3}},
		"the right letter":                {[]*intstr.IntOrString{textAnswer(right)}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}},
		"the right letter in brackets":    {[]*intstr.IntOrString{textAnswer("(" + right + ")")}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}},
		"the right letter, carelessly":    {[]*intstr.IntOrString{textAnswer(" " + strings.ToUpper(right) + ") ")}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}},
		"wrong, with feedback of its own": {[]*intstr.IntOrString{textAnswer(wrong)}, Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"}},
		"wrong, with general feedback":    {[]*intstr.IntOrString{textAnswer(other)}, Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"node"}, Feedback: "general"}},
		"a repeated answer costs nothing": {
			[]*intstr.IntOrString{textAnswer(wrong), textAnswer(strings.ToUpper(wrong)), textAnswer(wrong + ".")},
			Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"},
		},
		"a reverted answer costs nothing": {
			[]*intstr.IntOrString{textAnswer(wrong), textAnswer(other), textAnswer(wrong)},
			Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 1, Tried: []string{"limit", "node"}, Feedback: "limits throttle"},
		},
		"an answer taken back keeps the attempts": {
			[]*intstr.IntOrString{textAnswer(wrong), nil}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 2, Tried: []string{"limit"}},
		},
		"right after wrong": {
			[]*intstr.IntOrString{textAnswer(wrong), textAnswer(right)}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 2, Tried: []string{"limit"}},
		},
		"right stays right": {
			[]*intstr.IntOrString{textAnswer(right), textAnswer(wrong), nil, textAnswer("rubbish")}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3},
		},
		"every attempt used": {
			[]*intstr.IntOrString{textAnswer(wrong), textAnswer(other), textAnswer(third)},
			Grade{State: v1beta1.QuestionExhausted, Tried: []string{"limit", "node", "quota"}},
		},
		"nothing changes when every attempt is used": {
			[]*intstr.IntOrString{textAnswer(wrong), textAnswer(other), textAnswer(third), textAnswer(right), nil},
			Grade{State: v1beta1.QuestionExhausted, Tried: []string{"limit", "node", "quota"}},
		},
		"a letter that is no option":           {[]*intstr.IntOrString{textAnswer("z")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"the name of the right option":         {[]*intstr.IntOrString{textAnswer(" Request")}, Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}},
		"the name of no option":                {[]*intstr.IntOrString{textAnswer("requests")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"two letters":                          {[]*intstr.IntOrString{textAnswer("ab")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"a number":                             {[]*intstr.IntOrString{integer(1)}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"nothing at all":                       {[]*intstr.IntOrString{textAnswer("  ")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"a bracket":                            {[]*intstr.IntOrString{textAnswer(")")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"too long":                             {[]*intstr.IntOrString{textAnswer(strings.Repeat("a", 257))}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"malformed after wrong is wrong still": {[]*intstr.IntOrString{textAnswer(wrong), textAnswer("z")}, Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "answer with one letter, a to d"}},
		"malformed ones never exhaust":         {[]*intstr.IntOrString{textAnswer("x"), textAnswer("y"), textAnswer("z"), textAnswer("w")}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"wrong is wrong again after all":       {[]*intstr.IntOrString{textAnswer(wrong), nil, textAnswer(wrong)}, Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := choiceInput()
			got := give(in, tc.answers...)
			if tc.want.State == v1beta1.QuestionOpen || tc.want.State == v1beta1.QuestionWrong {
				tc.want.Options = options(in)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}
