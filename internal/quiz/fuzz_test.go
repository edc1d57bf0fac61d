package quiz

import (
	"slices"
	"testing"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// FuzzAnswers looks for an answer that panics, costs more than one attempt, or counts twice.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{"a", "z)", "300 seconds", "-0.00", "1e9", "web-1", "", "\x00\u202e", "İ", "3/1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		given := intstr.FromString(answer)
		for _, in := range []Input{choiceInput(), numberInput(), liveInput(int64(3)), liveInput("web-1", 0.5, true)} {
			in.Given = &given
			once := Evaluate(in)
			if len(once.Tried) > 1 || once.AttemptsLeft+int32(len(once.Tried)) != 3 {
				t.Fatalf("%q: %+v", answer, once)
			}
			if (len(once.Tried) == 1) != (once.State == v1alpha1.StateWrong) || (once.ModelAnswer != "") != (once.State == v1alpha1.StateRight) {
				t.Fatalf("%q: %+v", answer, once)
			}
			if utf8.RuneCountInString(once.Feedback) > 1024 {
				t.Fatalf("%q: feedback of %d characters", answer, utf8.RuneCountInString(once.Feedback))
			}
			for _, tried := range once.Tried {
				if utf8.RuneCountInString(tried) > 256 || !utf8.ValidString(tried) {
					t.Fatalf("%q: tried %q", answer, tried)
				}
			}
			in.Previous = State{State: once.State, Tried: once.Tried, AttemptsLeft: once.AttemptsLeft}
			if twice := Evaluate(in); twice.State != once.State || !slices.Equal(twice.Tried, once.Tried) {
				t.Fatalf("%q: %+v, then %+v", answer, once, twice)
			}
			// The normal form of a wrong answer is that answer: a learner who types it back pays nothing.
			if in.Question.Form != v1alpha1.FormChoice && len(once.Tried) == 1 {
				again := intstr.FromString(once.Tried[0])
				in.Given = &again
				if back := Evaluate(in); !slices.Equal(back.Tried, once.Tried) {
					t.Fatalf("%q: its normal form %q counts again", answer, once.Tried[0])
				}
			}
		}
	})
}
