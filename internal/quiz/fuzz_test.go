package quiz

import (
	"slices"
	"testing"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// FuzzAnswers looks for an answer that panics, costs more than one attempt, or counts twice.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		"a", "z)", "300 seconds", "-0.00", "1e9", "web-1", "", "\x00\u202e", "İ", "3/1",
		"a,c", "d c b a", "(A)+[D].", "aaaa", ",;", "a\u200bb", "ａ", "«The  kubelet!»", "...", "'\"`", "ẞ", "‚x‘", "/healthz",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		given := intstr.FromString(answer)
		inputs := []Input{
			choiceInput(), multiInput(), numberInput(), textInput(),
			live(choiceInput(), []any{"request"}, []any{"node", "limit"}), live(multiInput(), []any{"request"}, []any{"node", "limit"}),
			live(numberInput(), []any{int64(3)}, []any{0.5}), live(textInput(), []any{"web-1"}, []any{"İ", "Too  few."}),
		}
		for _, in := range inputs {
			in.Given = &given
			once := Evaluate(in)
			if len(once.Tried) > 1 || once.AttemptsLeft+int32(len(once.Tried)) != 3 {
				t.Fatalf("%q: %+v", answer, once)
			}
			if (len(once.Tried) == 1) != (once.State == v1beta1.QuestionWrong) {
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
			if len(in.Question.Options) == 0 && len(once.Tried) == 1 {
				again := intstr.FromString(once.Tried[0])
				in.Given = &again
				if back := Evaluate(in); !slices.Equal(back.Tried, once.Tried) {
					t.Fatalf("%q: its normal form %q counts again", answer, once.Tried[0])
				}
			}
		}
	})
}
