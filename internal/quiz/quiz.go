package quiz

import (
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// defaultAttempts is what the API gives to a question that names no number.
const defaultAttempts = 3

// Evaluate grades the answer to one question. A right answer and the last wrong one settle it for good. Only a wrong
// answer that was not given before costs an attempt.
func Evaluate(in Input) Grade {
	grade := Grade{Tried: slices.Clone(in.Previous.Tried)}
	switch {
	case in.Previous.State == v1alpha1.StateRight:
		return grade.right(in)
	case in.Previous.State == v1alpha1.StateExhausted, grade.left(in) == 0:
		return grade.exhausted(in)
	case in.Locked:
		return grade.locked(in)
	}
	judge, message := judgeFor(in)
	if message != "" {
		return grade.close(in, v1alpha1.StateError, message)
	}
	grade.Options = options(in)
	if in.Given == nil {
		return grade.close(in, v1alpha1.StateOpen, "")
	}
	text, ok := normalise(in.Given)
	if !ok {
		return grade.close(in, v1alpha1.StateOpen, judge.expects())
	}
	verdict := judge.grade(text)
	switch {
	case verdict.ungraded != "":
		return grade.close(in, v1alpha1.StateOpen, verdict.ungraded)
	case verdict.right:
		return grade.right(in)
	}
	if !slices.Contains(grade.Tried, verdict.normal) {
		grade.Tried = append(grade.Tried, verdict.normal)
	}
	if grade.left(in) == 0 {
		return grade.exhausted(in)
	}
	feedback := verdict.feedback
	if feedback == "" {
		feedback = in.Answer.Feedback
	}
	if feedback == "" {
		feedback = "that is not right: look again and give another answer"
	}
	return grade.close(in, v1alpha1.StateWrong, feedback)
}

// left is how many different answers can still be tried.
func (g Grade) left(in Input) int32 {
	attempts := in.Question.Attempts
	if attempts == 0 {
		attempts = defaultAttempts
	}
	return max(0, attempts-int32(len(g.Tried)))
}

func (g Grade) close(in Input, state v1alpha1.State, feedback string) Grade {
	g.State, g.Feedback, g.AttemptsLeft = state, feedback, g.left(in)
	return g
}

func (g Grade) right(in Input) Grade {
	g.Options, g.ModelAnswer = nil, in.Answer.ModelAnswer
	return g.close(in, v1alpha1.StateRight, "")
}

func (g Grade) exhausted(in Input) Grade {
	g.Options, g.ModelAnswer = nil, in.Answer.ModelAnswer
	g = g.close(in, v1alpha1.StateExhausted, solution(in))
	g.AttemptsLeft = 0
	return g
}

func (g Grade) locked(in Input) Grade {
	feedback := fmt.Sprintf("pass the task %s first", in.Question.Task)
	if in.Given != nil {
		feedback += ": the answer is graded then and costs nothing now"
	}
	return g.close(in, v1alpha1.StateLocked, feedback)
}

// solution tells the right answer where it is the same for everyone. It depends on nothing that changes later.
func solution(in Input) string {
	switch {
	case in.Question.Form == v1alpha1.FormChoice:
		letter := Letters(in.Learner, in.Question)[in.Answer.Choice]
		for _, option := range in.Question.Options {
			if option.Name == in.Answer.Choice {
				return fmt.Sprintf("every attempt is used: the right answer is %s) %s", letter, option.Text)
			}
		}
	case in.Question.Form == v1alpha1.FormNumber && in.Answer.Number != nil:
		return fmt.Sprintf("every attempt is used: the right answer is %s", withUnit(in.Answer.Number.Value, in.Question.Unit))
	}
	return "every attempt is used: the model answer says what is right"
}

func withUnit(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + " " + unit
}
