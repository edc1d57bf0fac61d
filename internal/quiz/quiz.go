package quiz

import (
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// defaultAttempts is what the API gives to a question that names no number.
const defaultAttempts = 3

// Evaluate grades the answer to one question. A right answer and the last wrong one settle it for good. Only a wrong
// answer that was not given before costs an attempt.
func Evaluate(in Input) Grade {
	grade := Grade{Tried: slices.Clone(in.Previous.Tried)}
	switch {
	case in.Previous.State == v1beta1.QuestionRight:
		return grade.right(in)
	case in.Previous.State == v1beta1.QuestionExhausted, grade.left(in) == 0:
		return grade.exhausted(in)
	case in.Locked:
		return grade.locked(in)
	}
	form, r, fault := readerOf(in)
	var rights []string
	if fault == "" {
		rights, fault = form.rightAnswers(in)
	}
	if fault != "" {
		return grade.close(in, v1beta1.QuestionError, fault)
	}
	grade.Options = options(in)
	if in.Given == nil {
		return grade.close(in, v1beta1.QuestionOpen, form.invitation(r))
	}
	answer, ok := normalise(in.Given)
	if ok {
		answer, ok = r.read(answer)
	}
	if !ok {
		return grade.close(in, grade.unsettled(), r.expects())
	}
	switch {
	case len(rights) == 0:
		return grade.close(in, grade.unsettled(), unknown(in.Live))
	case slices.ContainsFunc(rights, func(right string) bool { return r.fits(answer, right) }):
		return grade.right(in)
	}
	if !slices.Contains(grade.Tried, answer) {
		grade.Tried = append(grade.Tried, answer)
	}
	if grade.left(in) == 0 {
		return grade.exhausted(in)
	}
	return grade.close(in, v1beta1.QuestionWrong, feedback(in, answer, rights))
}

// invitation says what an answer looks like before there is one, where the options alone would suggest a single letter.
func (f Form) invitation(r reader) string {
	if f.HasOptions && f.Together {
		return r.expects()
	}
	return ""
}

// unknown says why a live question cannot be graded.
func unknown(live Live) string {
	if live.Pending == "" {
		return "the right value is not known yet: the answer is graded as soon as it is"
	}
	return "this cannot be graded yet: " + live.Pending
}

// unsettled is the state of a question whose present answer is not graded: what was found of an answer before still holds.
func (g Grade) unsettled() v1beta1.QuestionState {
	if len(g.Tried) > 0 {
		return v1beta1.QuestionWrong
	}
	return v1beta1.QuestionOpen
}

// left is how many different answers can still be tried.
func (g Grade) left(in Input) int32 {
	attempts := in.Question.Attempts
	if attempts == 0 {
		attempts = defaultAttempts
	}
	return max(0, attempts-int32(len(g.Tried)))
}

func (g Grade) close(in Input, state v1beta1.QuestionState, feedback string) Grade {
	g.State, g.Feedback, g.AttemptsLeft = state, feedback, g.left(in)
	return g
}

func (g Grade) right(in Input) Grade {
	g.Options = nil
	return g.close(in, v1beta1.QuestionRight, "")
}

func (g Grade) exhausted(in Input) Grade {
	g.Options = nil
	g = g.close(in, v1beta1.QuestionExhausted, "")
	g.AttemptsLeft = 0
	return g
}

func (g Grade) locked(in Input) Grade {
	feedback := fmt.Sprintf("pass the task %q first", in.Question.Task)
	if in.Given != nil {
		feedback += ": the answer is graded then and costs nothing now"
	}
	return g.close(in, v1beta1.QuestionLocked, feedback)
}
