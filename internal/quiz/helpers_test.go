package quiz

import (
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const learner = "default/hpa"

func choiceInput() Input {
	return Input{
		Learner: learner,
		Question: v1beta1.Question{
			ID: "k8s-04", Type: v1beta1.QuestionTypeChoice, Prompt: "?", Exercise: "hpa-scaling", Task: "autoscaler", Attempts: 3,
			Options: []v1beta1.Option{
				{Name: "request", Text: "The CPU request"}, {Name: "limit", Text: "The CPU limit"},
				{Name: "node", Text: "The node's CPU"}, {Name: "quota", Text: "The quota"},
			},
		},
		Answer: v1beta1.Answer{
			ID: "k8s-04", Choice: "request", Feedback: "general", ModelAnswer: "model",
			OptionFeedback: []v1beta1.OptionFeedback{{Option: "limit", Text: "limits throttle"}},
		},
	}
}

func numberInput() Input {
	return Input{
		Question: v1beta1.Question{ID: "k8s-05", Type: v1beta1.QuestionTypeNumber, Unit: "seconds", Task: "load", Attempts: 3},
		Answer:   v1beta1.Answer{ID: "k8s-05", Number: &v1beta1.NumberAnswer{Value: "300"}, ModelAnswer: "model"},
	}
}

// multiInput has the options of choiceInput under the same letters: a quota, b node, c limit, d request.
func multiInput() Input {
	in := choiceInput()
	in.Question.Type = v1beta1.QuestionTypeMultiChoice
	in.Answer.Choice, in.Answer.Choices = "", []string{"request", "quota"}
	in.Answer.OptionFeedback = []v1beta1.OptionFeedback{{Option: "limit", Text: "limits throttle"}, {Option: "node", Text: "nodes have room"}}
	return in
}

func textInput() Input {
	return Input{
		Question: v1beta1.Question{ID: "k8s-07", Type: v1beta1.QuestionTypeText, Task: "load", Attempts: 3},
		Answer: v1beta1.Answer{
			ID: "k8s-07", Text: &v1beta1.TextAnswer{Accepted: []string{"The Kubelet", "kubelet"}}, ModelAnswer: "model", Feedback: "look again",
		},
	}
}

// live makes the key compute the right answer, with what an expression returned at each moment of the last minute.
func live(in Input, moments ...[]any) Input {
	in.Answer.Choice, in.Answer.Choices, in.Answer.Number, in.Answer.Text = "", nil, nil, nil
	in.Answer.Live = &v1beta1.LiveAnswer{Expression: "found"}
	in.Live = Live{}
	for _, values := range moments {
		expected, err := Expected(in.Question, values)
		if err != nil {
			panic(err)
		}
		in.Live.Values = append(in.Live.Values, expected...)
	}
	return in
}

// letterOf is what this learner has to type for an option.
func letterOf(option string) string {
	return Letters(learner, choiceInput().Question)[option]
}

func textAnswer(s string) *intstr.IntOrString {
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
