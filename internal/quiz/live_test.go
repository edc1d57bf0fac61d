package quiz

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestLive(t *testing.T) {
	within := func(in Input, tolerance string) Input {
		in.Answer.Live.Tolerance = tolerance
		return in
	}
	three := live(numberInput(), []any{int64(3)})
	rolling := live(choiceInput(), []any{"limit"}, []any{"request"})
	both := live(multiInput(), []any{"quota", "request"}, []any{"request", "limit"})
	tests := map[string]struct {
		in           Input
		answers      []*intstr.IntOrString
		wantState    v1beta1.QuestionState
		wantTried    []string
		wantFeedback string
	}{
		"the letter of the option of now":          {in: rolling, answers: []*intstr.IntOrString{textAnswer("d")}, wantState: v1beta1.QuestionRight},
		"the letter of the option of a moment ago": {in: rolling, answers: []*intstr.IntOrString{textAnswer("C)")}, wantState: v1beta1.QuestionRight},
		"one of several options that are right":    {in: live(choiceInput(), []any{"node", "quota"}), answers: []*intstr.IntOrString{textAnswer("b")}, wantState: v1beta1.QuestionRight},
		"a wrong letter":                           {in: rolling, answers: []*intstr.IntOrString{textAnswer("a")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"a wrong letter twice":                     {in: rolling, answers: []*intstr.IntOrString{textAnswer("a"), textAnswer(" A.")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"a letter that is wrong in this lab":       {in: live(choiceInput(), []any{"request"}), answers: []*intstr.IntOrString{textAnswer("c")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"limit"}, wantFeedback: "limits throttle"},
		"no letter":                                {in: rolling, answers: []*intstr.IntOrString{textAnswer("requests")}, wantState: v1beta1.QuestionOpen, wantFeedback: "answer with one letter, a to d"},
		"no letter while nothing is known":         {in: live(choiceInput()), answers: []*intstr.IntOrString{textAnswer("7")}, wantState: v1beta1.QuestionOpen, wantFeedback: "answer with one letter, a to d"},
		"the letters of the set of now":            {in: both, answers: []*intstr.IntOrString{textAnswer("c,d")}, wantState: v1beta1.QuestionRight},
		"the letters of the set of a moment ago":   {in: both, answers: []*intstr.IntOrString{textAnswer("da")}, wantState: v1beta1.QuestionRight},
		"letters of both moments are no set":       {in: both, answers: []*intstr.IntOrString{textAnswer("acd")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"limit,quota,request"}, wantFeedback: "general"},
		"a letter of no set is told of":            {in: both, answers: []*intstr.IntOrString{textAnswer("c,b")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"limit,node"}, wantFeedback: "nodes have room"},
		"the same wrong set twice":                 {in: both, answers: []*intstr.IntOrString{textAnswer("a"), textAnswer("(a)")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"no letters":                               {in: both, answers: []*intstr.IntOrString{textAnswer(",")}, wantState: v1beta1.QuestionOpen, wantFeedback: "answer with the letters of all that apply, a to d, as in a,b"},
		"a number":                                 {in: three, answers: []*intstr.IntOrString{integer(3)}, wantState: v1beta1.QuestionRight},
		"a number as text with its unit":           {in: three, answers: []*intstr.IntOrString{textAnswer("3.0 seconds")}, wantState: v1beta1.QuestionRight},
		"a decimal":                                {in: live(numberInput(), []any{0.1}), answers: []*intstr.IntOrString{textAnswer("0.10")}, wantState: v1beta1.QuestionRight},
		"an unsigned number":                       {in: live(numberInput(), []any{uint64(7)}), answers: []*intstr.IntOrString{integer(7)}, wantState: v1beta1.QuestionRight},
		"a number of a moment ago":                 {in: live(numberInput(), []any{int64(3)}, []any{int64(4)}), answers: []*intstr.IntOrString{integer(3)}, wantState: v1beta1.QuestionRight},
		"one of several numbers that are right":    {in: live(numberInput(), []any{int64(3), int64(9)}), answers: []*intstr.IntOrString{integer(9)}, wantState: v1beta1.QuestionRight},
		"a number as far off as it may be":         {in: within(live(numberInput(), []any{0.5}), "0.25"), answers: []*intstr.IntOrString{textAnswer("0.75")}, wantState: v1beta1.QuestionRight},
		"a number too far off":                     {in: within(live(numberInput(), []any{0.5}), "0.25"), answers: []*intstr.IntOrString{textAnswer("0.751")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"0.751"}, wantFeedback: "that is not right: look again and give another answer"},
		"a number near the one of a moment ago":    {in: within(live(numberInput(), []any{int64(10)}, []any{int64(20)}), "1"), answers: []*intstr.IntOrString{integer(11)}, wantState: v1beta1.QuestionRight},
		"a wrong number":                           {in: three, answers: []*intstr.IntOrString{integer(2)}, wantState: v1beta1.QuestionWrong, wantTried: []string{"2"}, wantFeedback: "that is not right: look again and give another answer"},
		"the same wrong number twice":              {in: three, answers: []*intstr.IntOrString{integer(2), textAnswer("2.0")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"2"}, wantFeedback: "that is not right: look again and give another answer"},
		"no number":                                {in: three, answers: []*intstr.IntOrString{textAnswer("three")}, wantState: v1beta1.QuestionOpen, wantFeedback: "answer with a number, in seconds"},
		"a text in any case":                       {in: live(textInput(), []any{"ScalingActive"}), answers: []*intstr.IntOrString{textAnswer("  scalingactive ")}, wantState: v1beta1.QuestionRight},
		"a text in several words":                  {in: live(textInput(), []any{"too  few\nreplicas."}), answers: []*intstr.IntOrString{textAnswer("Too few   replicas")}, wantState: v1beta1.QuestionRight},
		"a text of a moment ago":                   {in: live(textInput(), []any{"web-1"}, []any{"web-2"}), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1beta1.QuestionRight},
		"one of several texts that are right":      {in: live(textInput(), []any{"web-1", "web-2"}), answers: []*intstr.IntOrString{textAnswer("web-2")}, wantState: v1beta1.QuestionRight},
		"a wrong text":                             {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("WEB-2")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"web 2"}, wantFeedback: "look again"},
		"the same wrong text twice":                {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("WEB-2"), textAnswer("'web-2'")}, wantState: v1beta1.QuestionWrong, wantTried: []string{"web 2"}, wantFeedback: "look again"},
		"no text":                                  {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("?")}, wantState: v1beta1.QuestionOpen, wantFeedback: "answer in a few words, with at most 256 characters and no pictures"},
		"no value and no reason":                   {in: live(textInput()), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1beta1.QuestionOpen, wantFeedback: "the right value is not known yet: the answer is graded as soon as it is"},
		"a text that nobody can type is no value":  {in: live(textInput(), []any{"..."}), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1beta1.QuestionOpen, wantFeedback: "the right value is not known yet: the answer is graded as soon as it is"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want := Grade{State: tc.wantState, Tried: tc.wantTried, AttemptsLeft: 3 - int32(len(tc.wantTried)), Feedback: tc.wantFeedback}
			if tc.wantState != v1beta1.QuestionRight {
				want.Options = options(tc.in)
			}
			if diff := cmp.Diff(want, give(tc.in, tc.answers...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

// forms are questions of each form whose right answers are not known.
func forms() map[v1beta1.QuestionType]Input {
	return map[v1beta1.QuestionType]Input{
		v1beta1.QuestionTypeChoice:      live(choiceInput()),
		v1beta1.QuestionTypeMultiChoice: live(multiInput()),
		v1beta1.QuestionTypeNumber:      live(numberInput()),
		v1beta1.QuestionTypeText:        live(textInput()),
	}
}

// wellFormed are three answers that questions of the form take.
func wellFormed(form v1beta1.QuestionType) []*intstr.IntOrString {
	if form == v1beta1.QuestionTypeNumber {
		return []*intstr.IntOrString{integer(1), integer(2), integer(3)}
	}
	return []*intstr.IntOrString{textAnswer("a"), textAnswer("b"), textAnswer("c")}
}

func TestALiveAnswerWaitsForAValue(t *testing.T) {
	for form, in := range forms() {
		t.Run(string(form), func(t *testing.T) {
			in.Live.Pending = "there is no pod"
			want := Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Options: options(in), Feedback: "this cannot be graded yet: there is no pod"}
			if diff := cmp.Diff(want, give(in, wellFormed(form)...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALiveAnswerThatCannotBeComputedIsNotTheLearnersFault(t *testing.T) {
	for form, in := range forms() {
		t.Run(string(form), func(t *testing.T) {
			in.Live.Fault = "the author has to repair it"
			want := Grade{State: v1beta1.QuestionError, AttemptsLeft: 3, Feedback: "the author has to repair it"}
			if diff := cmp.Diff(want, give(in, wellFormed(form)...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALiveAnswerThatBecameRightIsRight(t *testing.T) {
	in := live(numberInput(), []any{int64(3)})
	before := give(in, integer(4))
	in = live(in, []any{int64(3)}, []any{int64(4)})
	in.Previous = State{State: before.State, Tried: before.Tried}
	if got := give(in, integer(4)); got.State != v1beta1.QuestionRight {
		t.Errorf("the answer is %s, want Right", got.State)
	}
}

func TestALiveQuestionThatIsExhaustedStaysSo(t *testing.T) {
	right := map[v1beta1.QuestionType]any{
		v1beta1.QuestionTypeChoice: "request", v1beta1.QuestionTypeMultiChoice: "request", v1beta1.QuestionTypeNumber: int64(7), v1beta1.QuestionTypeText: "seven",
	}
	for form, in := range forms() {
		t.Run(string(form), func(t *testing.T) {
			in = live(in, []any{right[form]})
			got := give(in, wellFormed(form)...)
			if got.State != v1beta1.QuestionExhausted || got.Feedback != "" {
				t.Errorf("the question is %s with feedback %q", got.State, got.Feedback)
			}
			in.Previous = State{State: got.State, Tried: got.Tried}
			in.Live = Live{Fault: "gone"}
			if diff := cmp.Diff(got, give(in, wellFormed(form)[0])); diff != "" {
				t.Errorf("later (-before +after):\n%s", diff)
			}
		})
	}
}
