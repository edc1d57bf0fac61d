package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestLocked(t *testing.T) {
	in := choiceInput()
	in.Locked = true
	tests := map[string]struct {
		answer *intstr.IntOrString
		before State
		want   Grade
	}{
		"without an answer": {want: Grade{State: v1beta1.QuestionLocked, AttemptsLeft: 3, Feedback: "pass the task \"autoscaler\" first"}},
		"a wrong answer costs nothing": {
			answer: textAnswer(letterOf("limit")),
			want:   Grade{State: v1beta1.QuestionLocked, AttemptsLeft: 3, Feedback: "pass the task \"autoscaler\" first: the answer is graded then and costs nothing now"},
		},
		"a right answer is not told": {
			answer: textAnswer(letterOf("request")),
			want:   Grade{State: v1beta1.QuestionLocked, AttemptsLeft: 3, Feedback: "pass the task \"autoscaler\" first: the answer is graded then and costs nothing now"},
		},
		"attempts are kept": {
			before: State{State: v1beta1.QuestionWrong, Tried: []string{"limit"}},
			want:   Grade{State: v1beta1.QuestionLocked, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "pass the task \"autoscaler\" first"},
		},
		"what is right stays right": {
			before: State{State: v1beta1.QuestionRight},
			want:   Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := in
			in.Given, in.Previous = tc.answer, tc.before
			if diff := cmp.Diff(tc.want, Evaluate(in)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnUnsettledQuestionKeepsItsSecret(t *testing.T) {
	single, several, written := choiceInput(), multiInput(), textInput()
	tests := map[string]struct {
		in      Input
		answers []*intstr.IntOrString
		secrets []string
	}{
		"a choice":             {single, []*intstr.IntOrString{nil, textAnswer("z"), textAnswer(letterOf("limit"))}, []string{"request"}},
		"several choices":      {several, []*intstr.IntOrString{nil, textAnswer("z"), textAnswer("b,c")}, []string{"request", "quota"}},
		"a live choice":        {live(single, []any{"request"}), []*intstr.IntOrString{nil, textAnswer("z"), textAnswer(letterOf("limit"))}, []string{"request"}},
		"a text":               {written, []*intstr.IntOrString{nil, textAnswer("?"), textAnswer("cAdvisor")}, []string{"kubelet", "Kubelet"}},
		"a number":             {numberInput(), []*intstr.IntOrString{nil, textAnswer("?"), textAnswer("1")}, []string{"300"}},
		"a set that lacks one": {several, []*intstr.IntOrString{textAnswer("a")}, []string{"request"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, answer := range tc.answers {
				tc.in.Given = answer
				got := Evaluate(tc.in)
				told := strings.Join(got.Tried, " ") + got.Feedback
				for _, secret := range tc.secrets {
					if strings.Contains(told, secret) {
						t.Errorf("the grade gives the answer away: %+v", got)
					}
				}
			}
		})
	}
}

func TestEvaluateLeavesItsInputAlone(t *testing.T) {
	in := choiceInput()
	tried := append(make([]string, 0, 4), "node")
	in.Previous = State{State: v1beta1.QuestionWrong, Tried: tried}
	in.Given = textAnswer(letterOf("limit"))
	Evaluate(in)
	if got := tried[:cap(tried)]; got[1] != "" || in.Question.Options[0].Name != "request" {
		t.Errorf("the input changed: %v, %v", got, in.Question.Options)
	}
}
