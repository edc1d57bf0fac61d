package quiz

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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
		wantState    v1alpha1.State
		wantTried    []string
		wantFeedback string
	}{
		"the letter of the option of now":          {in: rolling, answers: []*intstr.IntOrString{textAnswer("d")}, wantState: v1alpha1.StateRight},
		"the letter of the option of a moment ago": {in: rolling, answers: []*intstr.IntOrString{textAnswer("C)")}, wantState: v1alpha1.StateRight},
		"one of several options that are right":    {in: live(choiceInput(), []any{"node", "quota"}), answers: []*intstr.IntOrString{textAnswer("b")}, wantState: v1alpha1.StateRight},
		"a wrong letter":                           {in: rolling, answers: []*intstr.IntOrString{textAnswer("a")}, wantState: v1alpha1.StateWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"a wrong letter twice":                     {in: rolling, answers: []*intstr.IntOrString{textAnswer("a"), textAnswer(" A.")}, wantState: v1alpha1.StateWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"a letter that is wrong in this lab":       {in: live(choiceInput(), []any{"request"}), answers: []*intstr.IntOrString{textAnswer("c")}, wantState: v1alpha1.StateWrong, wantTried: []string{"limit"}, wantFeedback: "limits throttle"},
		"no letter":                                {in: rolling, answers: []*intstr.IntOrString{textAnswer("request")}, wantState: v1alpha1.StateOpen, wantFeedback: "answer with one letter, a to d"},
		"no letter while nothing is known":         {in: live(choiceInput()), answers: []*intstr.IntOrString{textAnswer("7")}, wantState: v1alpha1.StateOpen, wantFeedback: "answer with one letter, a to d"},
		"the letters of the set of now":            {in: both, answers: []*intstr.IntOrString{textAnswer("c,d")}, wantState: v1alpha1.StateRight},
		"the letters of the set of a moment ago":   {in: both, answers: []*intstr.IntOrString{textAnswer("da")}, wantState: v1alpha1.StateRight},
		"letters of both moments are no set":       {in: both, answers: []*intstr.IntOrString{textAnswer("acd")}, wantState: v1alpha1.StateWrong, wantTried: []string{"limit,quota,request"}, wantFeedback: "general"},
		"a letter of no set is told of":            {in: both, answers: []*intstr.IntOrString{textAnswer("c,b")}, wantState: v1alpha1.StateWrong, wantTried: []string{"limit,node"}, wantFeedback: "nodes have room"},
		"the same wrong set twice":                 {in: both, answers: []*intstr.IntOrString{textAnswer("a"), textAnswer("(a)")}, wantState: v1alpha1.StateWrong, wantTried: []string{"quota"}, wantFeedback: "general"},
		"no letters":                               {in: both, answers: []*intstr.IntOrString{textAnswer(",")}, wantState: v1alpha1.StateOpen, wantFeedback: "answer with the letters of all that apply, a to d, as in a,b"},
		"a number":                                 {in: three, answers: []*intstr.IntOrString{integer(3)}, wantState: v1alpha1.StateRight},
		"a number as text with its unit":           {in: three, answers: []*intstr.IntOrString{textAnswer("3.0 seconds")}, wantState: v1alpha1.StateRight},
		"a decimal":                                {in: live(numberInput(), []any{0.1}), answers: []*intstr.IntOrString{textAnswer("0.10")}, wantState: v1alpha1.StateRight},
		"an unsigned number":                       {in: live(numberInput(), []any{uint64(7)}), answers: []*intstr.IntOrString{integer(7)}, wantState: v1alpha1.StateRight},
		"a number of a moment ago":                 {in: live(numberInput(), []any{int64(3)}, []any{int64(4)}), answers: []*intstr.IntOrString{integer(3)}, wantState: v1alpha1.StateRight},
		"one of several numbers that are right":    {in: live(numberInput(), []any{int64(3), int64(9)}), answers: []*intstr.IntOrString{integer(9)}, wantState: v1alpha1.StateRight},
		"a number as far off as it may be":         {in: within(live(numberInput(), []any{0.5}), "0.25"), answers: []*intstr.IntOrString{textAnswer("0.75")}, wantState: v1alpha1.StateRight},
		"a number too far off":                     {in: within(live(numberInput(), []any{0.5}), "0.25"), answers: []*intstr.IntOrString{textAnswer("0.751")}, wantState: v1alpha1.StateWrong, wantTried: []string{"0.751"}, wantFeedback: "that is not right: look again and give another answer"},
		"a number near the one of a moment ago":    {in: within(live(numberInput(), []any{int64(10)}, []any{int64(20)}), "1"), answers: []*intstr.IntOrString{integer(11)}, wantState: v1alpha1.StateRight},
		"a wrong number":                           {in: three, answers: []*intstr.IntOrString{integer(2)}, wantState: v1alpha1.StateWrong, wantTried: []string{"2"}, wantFeedback: "that is not right: look again and give another answer"},
		"the same wrong number twice":              {in: three, answers: []*intstr.IntOrString{integer(2), textAnswer("2.0")}, wantState: v1alpha1.StateWrong, wantTried: []string{"2"}, wantFeedback: "that is not right: look again and give another answer"},
		"no number":                                {in: three, answers: []*intstr.IntOrString{textAnswer("three")}, wantState: v1alpha1.StateOpen, wantFeedback: "answer with a number, in seconds"},
		"a text in any case":                       {in: live(textInput(), []any{"ScalingActive"}), answers: []*intstr.IntOrString{textAnswer("  scalingactive ")}, wantState: v1alpha1.StateRight},
		"a text in several words":                  {in: live(textInput(), []any{"too  few\nreplicas."}), answers: []*intstr.IntOrString{textAnswer("Too few   replicas")}, wantState: v1alpha1.StateRight},
		"a text of a moment ago":                   {in: live(textInput(), []any{"web-1"}, []any{"web-2"}), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1alpha1.StateRight},
		"one of several texts that are right":      {in: live(textInput(), []any{"web-1", "web-2"}), answers: []*intstr.IntOrString{textAnswer("web-2")}, wantState: v1alpha1.StateRight},
		"a wrong text":                             {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("WEB-2")}, wantState: v1alpha1.StateWrong, wantTried: []string{"web 2"}, wantFeedback: "look again"},
		"the same wrong text twice":                {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("WEB-2"), textAnswer("'web-2'")}, wantState: v1alpha1.StateWrong, wantTried: []string{"web 2"}, wantFeedback: "look again"},
		"no text":                                  {in: live(textInput(), []any{"web-1"}), answers: []*intstr.IntOrString{textAnswer("?")}, wantState: v1alpha1.StateOpen, wantFeedback: "answer in a few words, with at most 256 characters and no pictures"},
		"no value and no reason":                   {in: live(textInput()), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1alpha1.StateOpen, wantFeedback: "the right value is not known yet: the answer is graded as soon as it is"},
		"a text that nobody can type is no value":  {in: live(textInput(), []any{"..."}), answers: []*intstr.IntOrString{textAnswer("web-1")}, wantState: v1alpha1.StateOpen, wantFeedback: "the right value is not known yet: the answer is graded as soon as it is"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want := Grade{State: tc.wantState, Tried: tc.wantTried, AttemptsLeft: 3 - int32(len(tc.wantTried)), Feedback: tc.wantFeedback}
			if tc.wantState == v1alpha1.StateRight {
				want.ModelAnswer = "model"
			} else {
				want.Options = options(tc.in)
			}
			if diff := cmp.Diff(want, give(tc.in, tc.answers...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

// forms are questions of each form whose right answers are not known.
func forms() map[v1alpha1.QuestionForm]Input {
	return map[v1alpha1.QuestionForm]Input{
		v1alpha1.FormChoice:      live(choiceInput()),
		v1alpha1.FormMultiChoice: live(multiInput()),
		v1alpha1.FormNumber:      live(numberInput()),
		v1alpha1.FormText:        live(textInput()),
	}
}

// wellFormed are three answers that questions of the form take.
func wellFormed(form v1alpha1.QuestionForm) []*intstr.IntOrString {
	if form == v1alpha1.FormNumber {
		return []*intstr.IntOrString{integer(1), integer(2), integer(3)}
	}
	return []*intstr.IntOrString{textAnswer("a"), textAnswer("b"), textAnswer("c")}
}

func TestALiveAnswerWaitsForAValue(t *testing.T) {
	for form, in := range forms() {
		t.Run(string(form), func(t *testing.T) {
			in.Live.Pending = "there is no pod"
			want := Grade{State: v1alpha1.StateOpen, AttemptsLeft: 3, Options: options(in), Feedback: "this cannot be graded yet: there is no pod"}
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
			want := Grade{State: v1alpha1.StateError, AttemptsLeft: 3, Feedback: "the author has to repair it"}
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
	if got := give(in, integer(4)); got.State != v1alpha1.StateRight {
		t.Errorf("the answer is %s, want Right", got.State)
	}
}

func TestALiveQuestionThatIsExhaustedTellsNothingThatChanges(t *testing.T) {
	right := map[v1alpha1.QuestionForm]any{
		v1alpha1.FormChoice: "request", v1alpha1.FormMultiChoice: "request", v1alpha1.FormNumber: int64(7), v1alpha1.FormText: "seven",
	}
	for form, in := range forms() {
		t.Run(string(form), func(t *testing.T) {
			in = live(in, []any{right[form]})
			got := give(in, wellFormed(form)...)
			if got.State != v1alpha1.StateExhausted || got.Feedback != "every attempt is used: the model answer says what is right" {
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
