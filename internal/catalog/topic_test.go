package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

func TestTopic(t *testing.T) {
	type parts struct {
		topic     *v1alpha1.Topic
		key       *v1alpha1.AnswerKey
		exercises map[string]*v1alpha1.Exercise
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
				p.key.Spec.Answers = append(p.key.Spec.Answers, v1alpha1.Answer{ID: "k8s-44", Choice: "x", ModelAnswer: "m"})
			},
			want: []check.Problem{{Field: "spec.answers[k8s-44]", Message: "topic kubernetes has no question of this id: take the answer out or correct the id"}},
		},
		"two questions of one id": {
			change: func(p *parts) {
				p.topic.Spec.Questions[1].ID, p.topic.Spec.Questions[1].Form = "k8s-03", v1alpha1.FormLive
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
				p.key.Spec.Answers[2].OptionFeedback = []v1alpha1.OptionFeedback{{Option: "quota", Text: "x"}, {Option: "request", Text: "x"}}
			},
			want: []check.Problem{
				{Field: "spec.answers[k8s-01].optionFeedback[quota]", Message: "the question has no option quota: it has limit, request"},
				{Field: "spec.answers[k8s-01].optionFeedback[request]", Message: "this option is the right one: feedback says why an option is wrong"},
			},
		},
		"two options of one name": {
			change: func(p *parts) {
				q := &p.topic.Spec.Questions[0]
				q.Options = append(q.Options, v1alpha1.Option{Name: "limit", Text: "again"})
			},
			want: []check.Problem{{Field: "spec.questions[k8s-01].options[2].name", Message: "another option is named limit: each needs a name of its own"}},
		},
		"an answer of another form": {
			change: func(p *parts) {
				p.key.Spec.Answers[1] = v1alpha1.Answer{ID: "k8s-02", Choice: "request", ModelAnswer: "m"}
			},
			want: []check.Problem{{Field: "spec.answers[k8s-02]", Message: "the question is of the form Number: the answer must have number and nothing else"}},
		},
		"an answer of two forms": {
			change: func(p *parts) { p.key.Spec.Answers[1].Choice = "request" },
			want:   []check.Problem{{Field: "spec.answers[k8s-02]", Message: "the question is of the form Number: the answer must have number and nothing else"}},
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
		"an exercise that is not there is told once": {
			change: func(p *parts) { p.exercises = nil },
			want:   []check.Problem{{Field: "spec.exercises[0]", Message: "there is no Exercise hpa-scaling: add it, or take it off the list"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := parts{aTopic("kubernetes", "hpa-scaling"), aKey("kubernetes"), map[string]*v1alpha1.Exercise{"hpa-scaling": anExercise("hpa-scaling")}}
			tc.change(&p)
			got := TopicProblems(p.topic, p.key, p.exercises)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if refusal := Refuse(got); refusal != nil && refusal.Reason != v1alpha1.ReasonInvalidTopic {
				t.Errorf("the reason is %s, want %s", refusal.Reason, v1alpha1.ReasonInvalidTopic)
			}
		})
	}
}
