package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

func TestTopic(t *testing.T) {
	type parts struct {
		topic     *v1beta1.Topic
		key       *v1beta1.AnswerKey
		exercises map[string]*v1beta1.Exercise
	}
	tests := map[string]struct {
		change func(*parts)
		want   []check.Problem
	}{
		"all is well":                            {change: func(*parts) {}},
		"a topic without questions needs no key": {change: func(p *parts) { p.topic.Spec.Questions, p.key = nil, nil }},
		"no key": {
			change: func(p *parts) { p.key = nil },
			want:   []check.Problem{{Field: "spec.topic", Message: "there is no AnswerKey kubernetes in the operator's namespace: add it there"}},
		},
		"a key for another topic": {
			change: func(p *parts) { p.key.Spec.Topic = "kafka" },
			want:   []check.Problem{{Field: "spec.topic", Message: "the AnswerKey is for the topic kafka: it must be for kubernetes"}},
		},
		"an exercise that is not there": {
			change: func(p *parts) { p.topic.Spec.Exercises = append(p.topic.Spec.Exercises, "gone") },
			want:   []check.Problem{{Field: "spec.exercises[1]", Message: "there is no Exercise gone: add it, or take it off the list"}},
		},
		"an answer is missing": {
			change: func(p *parts) { p.key.Spec.Answers = p.key.Spec.Answers[1:] },
			want:   []check.Problem{{Field: "spec.answers[k8s-03]", Message: "the AnswerKey has no answer to this question: add one"}},
		},
		"an answer without a question": {
			change: func(p *parts) {
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-44", Choice: "x", ModelAnswer: "m"})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-44]", Message: "topic kubernetes has no question of this id: take the answer out or correct the id"}},
		},
		"two questions of one id": {
			change: func(p *parts) {
				p.topic.Spec.Questions[1].ID = "k8s-03"
			},
			want: []check.Problem{
				{Field: "spec.questions[k8s-03]", Message: "another question has this id: each needs one of its own"},
				{Field: "spec.answers[k8s-02]", Message: "topic kubernetes has no question of this id: take the answer out or correct the id"},
			},
		},
		"an option that is not there": {
			change: func(p *parts) { p.key.Spec.Answers[2].Choice = "quota" },
			want:   []check.Problem{{Field: "spec.answers[k8s-01].choice", Message: "the question has no option quota: it has limit, request"}},
		},
		"feedback on no option, and on the right one": {
			change: func(p *parts) {
				p.key.Spec.Answers[2].OptionFeedback = []v1beta1.OptionFeedback{{Option: "quota", Text: "x"}, {Option: "request", Text: "x"}}
			},
			want: []check.Problem{
				{Field: "spec.answers[k8s-01].optionFeedback[quota]", Message: "the question has no option quota: it has limit, request"},
				{Field: "spec.answers[k8s-01].optionFeedback[request]", Message: "this option is a right one: feedback says why an option is wrong"},
			},
		},
		"two options of one name": {
			change: func(p *parts) {
				q := &p.topic.Spec.Questions[0]
				q.Options = append(q.Options, v1beta1.Option{Name: "limit", Text: "again"})
			},
			want: []check.Problem{{Field: "spec.questions[k8s-01].options[2].name", Message: "another option is named limit: each needs a name of its own"}},
		},
		"an answer of another type": {
			change: func(p *parts) {
				p.key.Spec.Answers[1] = v1beta1.Answer{ID: "k8s-02", Choice: "request", ModelAnswer: "m"}
			},
			want: []check.Problem{{Field: "spec.answers[k8s-02]", Message: "the question is of the type Number: the answer must have number or live, and nothing else"}},
		},
		"an answer of two forms": {
			change: func(p *parts) { p.key.Spec.Answers[1].Choice = "request" },
			want:   []check.Problem{{Field: "spec.answers[k8s-02]", Message: "the question is of the type Number: the answer must have number or live, and nothing else"}},
		},
		"a task that the exercise lacks": {
			change: func(p *parts) { p.topic.Spec.Questions[0].Task = "scaling" },
			want:   []check.Problem{{Field: "spec.questions[k8s-01].task", Message: "the exercise hpa-scaling has no task scaling: it has requests"}},
		},
		"an exercise that the topic does not list": {
			change: func(p *parts) { p.topic.Spec.Questions[0].Exercise = "other" },
			want:   []check.Problem{{Field: "spec.questions[k8s-01].exercise", Message: "the topic does not list the exercise other: it lists hpa-scaling"}},
		},
		"a live answer that does not compile": {
			change: func(p *parts) { p.key.Spec.Answers[0].Live.Expression = "size(nodes)" },
			want: []check.Problem{{Field: "spec.answers[k8s-03].live.expression",
				Message: "does not compile: nodes is neither evidence nor a function: there is api, pods, web, lab, now and done (at column 6)"}},
		},
		"a live answer of another type": {
			change: func(p *parts) { p.key.Spec.Answers[0].Live.Expression = "'two'" },
			want: []check.Problem{{Field: "spec.answers[k8s-03].live.expression",
				Message: "returns string: it must return a number, or a list of them where several are right"}},
		},
		"every type may be live": {change: func(p *parts) {
			for i, expression := range []string{"size(pods)", "size(pods) * 2", "size(pods) > 1 ? 'request' : 'limit'"} {
				a := &p.key.Spec.Answers[i]
				a.Choice, a.Number, a.Live = "", nil, &v1beta1.LiveAnswer{Expression: expression}
			}
			p.key.Spec.Answers[0].Live.Tolerance = "1"
			p.topic.Spec.Questions = append(p.topic.Spec.Questions, several("k8s-04"), word("k8s-05"))
			p.key.Spec.Answers = append(p.key.Spec.Answers,
				v1beta1.Answer{ID: "k8s-04", Live: &v1beta1.LiveAnswer{Expression: "['limit'] + (size(pods) > 1 ? ['node'] : [])"}, OptionFeedback: []v1beta1.OptionFeedback{{Option: "limit", Text: "x"}}},
				v1beta1.Answer{ID: "k8s-05", Live: &v1beta1.LiveAnswer{Expression: "pods.map(p, p.metadata.name)"}})
		}},
		"each type has a key of its own": {change: func(p *parts) {
			p.topic.Spec.Questions = append(p.topic.Spec.Questions, several("k8s-04"), word("k8s-05"))
			p.key.Spec.Answers = append(p.key.Spec.Answers,
				v1beta1.Answer{ID: "k8s-04", Choices: []string{"limit", "node"}, OptionFeedback: []v1beta1.OptionFeedback{{Option: "request", Text: "x"}}},
				v1beta1.Answer{ID: "k8s-05", Text: &v1beta1.TextAnswer{Accepted: []string{"kubelet"}}})
		}},
		"a choice for a set": {
			change: func(p *parts) {
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, several("k8s-04"))
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-04", Choice: "limit"})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-04]", Message: "the question is of the type MultiChoice: the answer must have choices or live, and nothing else"}},
		},
		"a set and live": {
			change: func(p *parts) {
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, several("k8s-04"))
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-04", Choices: []string{"limit"}, Live: &v1beta1.LiveAnswer{Expression: "['limit']"}})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-04]", Message: "the question is of the type MultiChoice: the answer must have choices or live, and nothing else"}},
		},
		"a set with what is no option, and feedback on right ones": {
			change: func(p *parts) {
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, several("k8s-04"))
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-04", Choices: []string{"limit", "quota"},
					OptionFeedback: []v1beta1.OptionFeedback{{Option: "limit", Text: "x"}, {Option: "memory", Text: "x"}}})
			},
			want: []check.Problem{
				{Field: "spec.answers[k8s-04].choices[1]", Message: "the question has no option quota: it has limit, node, request"},
				{Field: "spec.answers[k8s-04].optionFeedback[limit]", Message: "this option is a right one: feedback says why an option is wrong"},
				{Field: "spec.answers[k8s-04].optionFeedback[memory]", Message: "the question has no option memory: it has limit, node, request"},
			},
		},
		"two options of one name in a set": {
			change: func(p *parts) {
				q := several("k8s-04")
				q.Options[1].Name = "limit"
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, q)
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-04", Live: &v1beta1.LiveAnswer{Expression: "['limit']"}})
			},
			want: []check.Problem{{Field: "spec.questions[k8s-04].options[1].name", Message: "another option is named limit: each needs a name of its own"}},
		},
		"a text that nobody can type": {
			change: func(p *parts) {
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, word("k8s-05"))
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-05", Text: &v1beta1.TextAnswer{Accepted: []string{"kubelet", " ... "}}})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-05].text.accepted[1]", Message: "has nothing but spaces and punctuation, which do not count: write a word"}},
		},
		"feedback on options where there are none": {
			change: func(p *parts) {
				p.key.Spec.Answers[0].OptionFeedback = []v1beta1.OptionFeedback{{Option: "limit", Text: "x"}}
			},
			want: []check.Problem{{Field: "spec.answers[k8s-03].optionFeedback", Message: "a question of the type Number has no options: write feedback instead"}},
		},
		"a tolerance where there is no number": {
			change: func(p *parts) {
				p.topic.Spec.Questions = append(p.topic.Spec.Questions, word("k8s-05"))
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1beta1.Answer{ID: "k8s-05", Live: &v1beta1.LiveAnswer{Expression: "'a'", Tolerance: "1"}})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-05].live.tolerance", Message: "goes with the type Number, and the question is of the type Text: take it out"}},
		},
		"an exercise that is not there is told once": {
			change: func(p *parts) { p.exercises = nil },
			want:   []check.Problem{{Field: "spec.exercises[0]", Message: "there is no Exercise hpa-scaling: add it, or take it off the list"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := parts{aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes"), map[string]*v1beta1.Exercise{"hpa-scaling": anExercise("hpa-scaling")}}
			tc.change(&p)
			got := TopicProblems(p.topic, p.key, p.exercises)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if refusal := Refuse(got); refusal != nil && refusal.Reason != v1beta1.ReasonInvalidTopic {
				t.Errorf("the reason is %s, want %s", refusal.Reason, v1beta1.ReasonInvalidTopic)
			}
		})
	}
}

// several is a question that is answered by a set of options.
func several(id string) v1beta1.Question {
	return v1beta1.Question{ID: id, Exercise: "hpa-scaling", Task: "requests", Type: v1beta1.QuestionTypeMultiChoice, Options: []v1beta1.Option{
		{Name: "limit", Text: "limit"}, {Name: "node", Text: "node"}, {Name: "request", Text: "request"},
	}}
}

// word is a question that is answered by a text.
func word(id string) v1beta1.Question {
	return v1beta1.Question{ID: id, Exercise: "hpa-scaling", Task: "requests", Type: v1beta1.QuestionTypeText}
}
