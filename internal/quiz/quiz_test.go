package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

const learner = "default/hpa"

func choiceInput() Input {
	return Input{
		Learner: learner,
		Question: v1alpha1.Question{
			ID: "k8s-04", Form: v1alpha1.FormChoice, Ask: "?", Exercise: "hpa-scaling", Task: "autoscaler", Attempts: 3,
			Options: []v1alpha1.Option{
				{Name: "request", Text: "The CPU request"}, {Name: "limit", Text: "The CPU limit"},
				{Name: "node", Text: "The node's CPU"}, {Name: "quota", Text: "The quota"},
			},
		},
		Answer: v1alpha1.Answer{
			ID: "k8s-04", Choice: "request", Feedback: "general", ModelAnswer: "model",
			OptionFeedback: []v1alpha1.OptionFeedback{{Option: "limit", Text: "limits throttle"}},
		},
	}
}

func numberInput() Input {
	return Input{
		Question: v1alpha1.Question{ID: "k8s-05", Form: v1alpha1.FormNumber, Unit: "seconds", Task: "load", Attempts: 3},
		Answer:   v1alpha1.Answer{ID: "k8s-05", Number: &v1alpha1.NumberAnswer{Value: "300"}, ModelAnswer: "model"},
	}
}

func liveInput(values ...any) Input {
	return Input{
		Question: v1alpha1.Question{ID: "k8s-06", Form: v1alpha1.FormLive, Task: "load", Attempts: 3},
		Answer:   v1alpha1.Answer{ID: "k8s-06", Live: &v1alpha1.LiveAnswer{Expression: "size(pods)"}, ModelAnswer: "model", Feedback: "look again"},
		Live:     Live{Values: values},
	}
}

// letterOf is what this learner has to type for an option.
func letterOf(option string) string {
	return Letters(learner, choiceInput().Question)[option]
}

func text(s string) *intstr.IntOrString {
	v := intstr.FromString(s)
	return &v
}

func integer(i int32) *intstr.IntOrString {
	v := intstr.FromInt32(i)
	return &v
}

// give answers one after the other, each grade being the state before the next.
func give(in Input, answers ...*intstr.IntOrString) Grade {
	var grade Grade
	for _, answer := range answers {
		in.Given = answer
		grade = Evaluate(in)
		in.Previous = State{State: grade.State, Tried: grade.Tried, AttemptsLeft: grade.AttemptsLeft}
	}
	return grade
}

func TestChoice(t *testing.T) {
	right, wrong, other, third := letterOf("request"), letterOf("limit"), letterOf("node"), letterOf("quota")
	tests := map[string]struct {
		answers []*intstr.IntOrString
		want    Grade
	}{
		"no answer":                       {[]*intstr.IntOrString{nil}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3}},
		"the right letter":                {[]*intstr.IntOrString{text(right)}, Grade{State: v1alpha1.StateRight, AttemptsLeft: 3, ModelAnswer: "model"}},
		"the right letter, carelessly":    {[]*intstr.IntOrString{text(" " + strings.ToUpper(right) + ") ")}, Grade{State: v1alpha1.StateRight, AttemptsLeft: 3, ModelAnswer: "model"}},
		"wrong, with feedback of its own": {[]*intstr.IntOrString{text(wrong)}, Grade{State: v1alpha1.StateWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"}},
		"wrong, with general feedback":    {[]*intstr.IntOrString{text(other)}, Grade{State: v1alpha1.StateWrong, AttemptsLeft: 2, Tried: []string{"node"}, Feedback: "general"}},
		"a repeated answer costs nothing": {
			[]*intstr.IntOrString{text(wrong), text(strings.ToUpper(wrong)), text(wrong + ".")},
			Grade{State: v1alpha1.StateWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"},
		},
		"a reverted answer costs nothing": {
			[]*intstr.IntOrString{text(wrong), text(other), text(wrong)},
			Grade{State: v1alpha1.StateWrong, AttemptsLeft: 1, Tried: []string{"limit", "node"}, Feedback: "limits throttle"},
		},
		"an answer taken back keeps the attempts": {
			[]*intstr.IntOrString{text(wrong), nil}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 2, Tried: []string{"limit"}},
		},
		"right after wrong": {
			[]*intstr.IntOrString{text(wrong), text(right)}, Grade{State: v1alpha1.StateRight, AttemptsLeft: 2, Tried: []string{"limit"}, ModelAnswer: "model"},
		},
		"right stays right": {
			[]*intstr.IntOrString{text(right), text(wrong), nil, text("rubbish")}, Grade{State: v1alpha1.StateRight, AttemptsLeft: 3, ModelAnswer: "model"},
		},
		"every attempt used": {
			[]*intstr.IntOrString{text(wrong), text(other), text(third)},
			Grade{State: v1alpha1.StateExhausted, Tried: []string{"limit", "node", "quota"}, ModelAnswer: "model",
				Feedback: "every attempt is used: the right answer is " + right + ") The CPU request"},
		},
		"nothing changes when every attempt is used": {
			[]*intstr.IntOrString{text(wrong), text(other), text(third), text(right), nil},
			Grade{State: v1alpha1.StateExhausted, Tried: []string{"limit", "node", "quota"}, ModelAnswer: "model",
				Feedback: "every attempt is used: the right answer is " + right + ") The CPU request"},
		},
		"a letter that is no option":     {[]*intstr.IntOrString{text("z")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"the name of an option":          {[]*intstr.IntOrString{text("request")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"two letters":                    {[]*intstr.IntOrString{text("ab")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"a number":                       {[]*intstr.IntOrString{integer(1)}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"nothing at all":                 {[]*intstr.IntOrString{text("  ")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"a bracket":                      {[]*intstr.IntOrString{text(")")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"too long":                       {[]*intstr.IntOrString{text(strings.Repeat("a", 257))}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"malformed after wrong is open":  {[]*intstr.IntOrString{text(wrong), text("z")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "answer with one letter, a to d"}},
		"malformed ones never exhaust":   {[]*intstr.IntOrString{text("x"), text("y"), text("z"), text("w")}, Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Feedback: "answer with one letter, a to d"}},
		"wrong is wrong again after all": {[]*intstr.IntOrString{text(wrong), nil, text(wrong)}, Grade{State: v1alpha1.StateWrong, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "limits throttle"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := choiceInput()
			got := give(in, tc.answers...)
			if tc.want.State == v1alpha1.StateOpen || tc.want.State == v1alpha1.StateWrong {
				tc.want.Options = options(in)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	tests := map[string]struct {
		change       func(*Input)
		answers      []*intstr.IntOrString
		wantState    v1alpha1.State
		wantTried    []string
		wantLeft     int32
		wantFeedback string
	}{
		"an integer":                       {answers: []*intstr.IntOrString{integer(300)}, wantState: v1alpha1.StateRight, wantLeft: 3},
		"as text":                          {answers: []*intstr.IntOrString{text("300")}, wantState: v1alpha1.StateRight, wantLeft: 3},
		"with needless digits":             {answers: []*intstr.IntOrString{text("+0300.00")}, wantState: v1alpha1.StateRight, wantLeft: 3},
		"with the question's unit":         {answers: []*intstr.IntOrString{text("300 Seconds")}, wantState: v1alpha1.StateRight, wantLeft: 3},
		"with the unit close by":           {answers: []*intstr.IntOrString{text("300seconds")}, wantState: v1alpha1.StateRight, wantLeft: 3},
		"with another unit":                {answers: []*intstr.IntOrString{text("5 minutes")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"only the unit":                    {answers: []*intstr.IntOrString{text("seconds")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"text":                             {answers: []*intstr.IntOrString{text("a lot")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"a fraction":                       {answers: []*intstr.IntOrString{text("600/2")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"an exponent that would take long": {answers: []*intstr.IntOrString{text("1e999999999")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"no number":                        {answers: []*intstr.IntOrString{text("NaN")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"too many digits":                  {answers: []*intstr.IntOrString{text(strings.Repeat("3", 40))}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, in seconds"},
		"without a unit in the question": {
			change:  func(in *Input) { in.Question.Unit = "" },
			answers: []*intstr.IntOrString{text("300 seconds")}, wantState: v1alpha1.StateOpen, wantLeft: 3, wantFeedback: "answer with a number, as in 3 or 0.5",
		},
		"wrong": {
			answers: []*intstr.IntOrString{integer(30)}, wantState: v1alpha1.StateWrong, wantTried: []string{"30"}, wantLeft: 2,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"the same wrong number in other forms counts once": {
			answers:   []*intstr.IntOrString{integer(30), text("30.0"), text("030 seconds"), text("+30")},
			wantState: v1alpha1.StateWrong, wantTried: []string{"30"}, wantLeft: 2, wantFeedback: "that is not right: look again and give another answer",
		},
		"nothing is zero by any sign": {
			answers: []*intstr.IntOrString{text("0"), text("-0.0")}, wantState: v1alpha1.StateWrong, wantTried: []string{"0"}, wantLeft: 2,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"decimals keep their digits": {
			answers: []*intstr.IntOrString{text("0.50"), text("-1.250")}, wantState: v1alpha1.StateWrong, wantTried: []string{"0.5", "-1.25"}, wantLeft: 1,
			wantFeedback: "that is not right: look again and give another answer",
		},
		"within the tolerance": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{text("299.9")}, wantState: v1alpha1.StateRight, wantLeft: 3,
		},
		"within it above": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{text("300.1")}, wantState: v1alpha1.StateRight, wantLeft: 3,
		},
		"just out of the tolerance": {
			change:  func(in *Input) { in.Answer.Number.Tolerance = "0.1" },
			answers: []*intstr.IntOrString{text("300.10000000001")}, wantState: v1alpha1.StateWrong, wantLeft: 2, wantTried: []string{"300.10000000001"},
			wantFeedback: "that is not right: look again and give another answer",
		},
		"decimals are exact": {
			change:  func(in *Input) { in.Answer.Number.Value, in.Answer.Number.Tolerance = "0.3", "0.1" },
			answers: []*intstr.IntOrString{text("0.2")}, wantState: v1alpha1.StateRight, wantLeft: 3,
		},
		"every attempt used": {
			answers:   []*intstr.IntOrString{integer(1), integer(2), integer(3)},
			wantState: v1alpha1.StateExhausted, wantTried: []string{"1", "2", "3"}, wantFeedback: "every attempt is used: the right answer is 300 seconds",
		},
		"a question without a number of attempts has three": {
			change:  func(in *Input) { in.Question.Attempts = 0 },
			answers: []*intstr.IntOrString{integer(1)}, wantState: v1alpha1.StateWrong, wantTried: []string{"1"}, wantLeft: 2,
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
			if tc.wantState == v1alpha1.StateRight || tc.wantState == v1alpha1.StateExhausted {
				want.ModelAnswer = "model"
			}
			if diff := cmp.Diff(want, give(in, tc.answers...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLive(t *testing.T) {
	tests := map[string]struct {
		in           Input
		answer       *intstr.IntOrString
		wantState    v1alpha1.State
		wantTried    []string
		wantFeedback string
	}{
		"a number":                {in: liveInput(int64(3)), answer: integer(3), wantState: v1alpha1.StateRight},
		"a number as text":        {in: liveInput(int64(3)), answer: text("3.0"), wantState: v1alpha1.StateRight},
		"a number kept as text":   {in: liveInput("3"), answer: integer(3), wantState: v1alpha1.StateRight},
		"a decimal":               {in: liveInput(0.1), answer: text("0.10"), wantState: v1alpha1.StateRight},
		"an unsigned number":      {in: liveInput(uint64(7)), answer: integer(7), wantState: v1alpha1.StateRight},
		"any recent value":        {in: liveInput(int64(3), int64(4)), answer: integer(4), wantState: v1alpha1.StateRight},
		"a text in any case":      {in: liveInput("ScalingActive"), answer: text("  scalingactive "), wantState: v1alpha1.StateRight},
		"a text in several words": {in: liveInput("too  few\nreplicas"), answer: text("Too few   replicas"), wantState: v1alpha1.StateRight},
		"a bool":                  {in: liveInput(true), answer: text("True"), wantState: v1alpha1.StateRight},
		"a wrong number":          {in: liveInput(int64(3)), answer: integer(2), wantState: v1alpha1.StateWrong, wantTried: []string{"2"}, wantFeedback: "look again"},
		"a wrong text":            {in: liveInput("web-1"), answer: text("WEB-2"), wantState: v1alpha1.StateWrong, wantTried: []string{"web-2"}, wantFeedback: "look again"},
		"a number for a text":     {in: liveInput("web-1"), answer: integer(2), wantState: v1alpha1.StateWrong, wantTried: []string{"2"}, wantFeedback: "look again"},
		"text for a number":       {in: liveInput(int64(3)), answer: text("three"), wantState: v1alpha1.StateOpen, wantFeedback: "answer with a number, as in 3 or 0.5"},
		"nothing at all":          {in: liveInput("web-1"), answer: text(""), wantState: v1alpha1.StateOpen, wantFeedback: "answer with what you find in your lab, in a few words or a number"},
		"no value yet":            {in: Input{Question: liveInput().Question, Answer: liveInput().Answer, Live: Live{Pending: "there is no pod"}}, answer: integer(3), wantState: v1alpha1.StateOpen, wantFeedback: "this cannot be graded yet: there is no pod"},
		"no value and no reason":  {in: liveInput(), answer: integer(3), wantState: v1alpha1.StateOpen, wantFeedback: "the right value is not known yet: the answer is graded as soon as it is"},
		"invisible characters":    {in: liveInput("web-1"), answer: text("w\u200beb-\x001"), wantState: v1alpha1.StateRight},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want := Grade{State: tc.wantState, Tried: tc.wantTried, AttemptsLeft: 3 - int32(len(tc.wantTried)), Feedback: tc.wantFeedback}
			if tc.wantState == v1alpha1.StateRight {
				want.ModelAnswer = "model"
			}
			if diff := cmp.Diff(want, give(tc.in, tc.answer)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALiveAnswerThatBecameRightIsRight(t *testing.T) {
	in := liveInput(int64(3))
	before := give(in, integer(4))
	in.Live.Values = []any{int64(3), int64(4)}
	in.Previous = State{State: before.State, Tried: before.Tried}
	if got := give(in, integer(4)); got.State != v1alpha1.StateRight {
		t.Errorf("the answer is %s, want Right", got.State)
	}
}

func TestALiveQuestionThatIsExhaustedTellsNothingThatChanges(t *testing.T) {
	in := liveInput(int64(3))
	got := give(in, integer(1), integer(2), integer(4))
	in.Previous = State{State: got.State, Tried: got.Tried}
	in.Live = Live{Pending: "gone"}
	if diff := cmp.Diff(got, give(in, integer(3))); diff != "" || got.Feedback != "every attempt is used: the model answer says what is right" {
		t.Errorf("feedback %q, later (-before +after):\n%s", got.Feedback, diff)
	}
}

func TestLocked(t *testing.T) {
	in := choiceInput()
	in.Locked = true
	tests := map[string]struct {
		answer *intstr.IntOrString
		before State
		want   Grade
	}{
		"without an answer": {want: Grade{State: v1alpha1.StateLocked, AttemptsLeft: 3, Feedback: "pass the task autoscaler first"}},
		"a wrong answer costs nothing": {
			answer: text(letterOf("limit")),
			want:   Grade{State: v1alpha1.StateLocked, AttemptsLeft: 3, Feedback: "pass the task autoscaler first: the answer is graded then and costs nothing now"},
		},
		"a right answer is not told": {
			answer: text(letterOf("request")),
			want:   Grade{State: v1alpha1.StateLocked, AttemptsLeft: 3, Feedback: "pass the task autoscaler first: the answer is graded then and costs nothing now"},
		},
		"attempts are kept": {
			before: State{State: v1alpha1.StateWrong, Tried: []string{"limit"}},
			want:   Grade{State: v1alpha1.StateLocked, AttemptsLeft: 2, Tried: []string{"limit"}, Feedback: "pass the task autoscaler first"},
		},
		"what is right stays right": {
			before: State{State: v1alpha1.StateRight},
			want:   Grade{State: v1alpha1.StateRight, AttemptsLeft: 3, ModelAnswer: "model"},
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

func TestABrokenKeyIsNotTheLearnersFault(t *testing.T) {
	tests := map[string]struct {
		in   Input
		want string
	}{
		"no option":    {func() Input { in := choiceInput(); in.Answer.Choice = "nope"; return in }(), "the answer key names no option of this question: tell the author of the topic"},
		"no number":    {func() Input { in := numberInput(); in.Answer.Number = nil; return in }(), "the answer key has no number for this question: tell the author of the topic"},
		"a bad number": {func() Input { in := numberInput(); in.Answer.Number.Value = "1e9"; return in }(), "the answer key has no valid number for this question: tell the author of the topic"},
		"a bad tolerance": {func() Input { in := numberInput(); in.Answer.Number.Tolerance = "few"; return in }(),
			"the answer key has no valid number for this question: tell the author of the topic"},
		"no form": {func() Input { in := numberInput(); in.Question.Form = "Essay"; return in }(), "the form Essay is not known here: tell the author of the topic"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.in.Previous.Tried = []string{"1"}
			want := Grade{State: v1alpha1.StateError, AttemptsLeft: 2, Tried: []string{"1"}, Feedback: tc.want}
			if diff := cmp.Diff(want, give(tc.in, text("a"))); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnUnsettledQuestionKeepsItsSecret(t *testing.T) {
	in := choiceInput()
	in.Answer.OptionFeedback, in.Answer.Feedback = nil, ""
	for _, answer := range []*intstr.IntOrString{nil, text("z"), text(letterOf("limit"))} {
		in.Given = answer
		got := Evaluate(in)
		if got.ModelAnswer != "" || strings.Contains(strings.Join(got.Tried, " ")+got.Feedback, "request") {
			t.Errorf("the grade gives the answer away: %+v", got)
		}
	}
}

func TestEvaluateLeavesItsInputAlone(t *testing.T) {
	in := choiceInput()
	tried := append(make([]string, 0, 4), "node")
	in.Previous = State{State: v1alpha1.StateWrong, Tried: tried}
	in.Given = text(letterOf("limit"))
	Evaluate(in)
	if got := tried[:cap(tried)]; got[1] != "" || in.Question.Options[0].Name != "request" {
		t.Errorf("the input changed: %v, %v", got, in.Question.Options)
	}
}
