package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

func TestNoticesOfAnswers(t *testing.T) {
	const pods, more = "pod web-1: the image cannot be pulled", "pods of ReplicaSet web-5f are refused"
	question := func(id string, state v1beta1.QuestionState, feedback string) graded {
		return graded{input: quiz.Input{Question: v1beta1.Question{ID: id}}, grade: quiz.Grade{State: state, Feedback: feedback}, isGiven: true}
	}
	wrong, other := question("q-1", v1beta1.QuestionWrong, "look again"), question("q-2", v1beta1.QuestionWrong, "count again")
	locked, broken := question("q-3", v1beta1.QuestionLocked, "pass the task first"), question("q-4", v1beta1.QuestionError, "not computed")
	tests := map[string]struct {
		hints   []string
		graded  []graded
		answers []string
		want    []string
	}{
		"nothing is told of the question that is shown": {graded: []graded{wrong}, want: nil},
		"the feedback of another one is told":           {graded: []graded{wrong, other}, want: []string{"answer q-2: count again"}},
		"pods come first":                               {hints: []string{pods}, graded: []graded{locked}, want: []string{pods, "answer q-3: pass the task first"}},
		"an author's mistake is told":                   {graded: []graded{wrong, broken}, want: []string{"answer q-4: not computed"}},
		"what was told before is told once": {
			hints: []string{pods, "answer q-3: pass the task first", "answers q-8, q-9: this lab has no such questions"}, graded: []graded{locked},
			want: []string{pods, "answer q-3: pass the task first"},
		},
		"many pods leave room for two": {
			hints: []string{pods, more, pods, more, pods}, graded: []graded{wrong, other, locked, broken},
			want: []string{pods, more, pods, "answer q-2: count again", "answer q-3: pass the task first"},
		},
		"a question that the lab does not have": {
			graded: []graded{wrong}, answers: []string{"k8s-99"}, want: []string{"answer k8s-99: this lab has no such question; it has q-1"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := &v1beta1.Lab{Spec: v1beta1.LabSpec{Answers: map[string]intstr.IntOrString{}}}
			pinned := &catalog.Compiled{}
			for _, g := range tc.graded {
				pinned.Bundle.Questions = append(pinned.Bundle.Questions, g.input.Question)
			}
			for _, id := range tc.answers {
				lab.Spec.Answers[id] = intstr.FromString("a")
			}
			s := &scope{original: lab, lab: lab, hints: tc.hints, graded: tc.graded, pinned: pinned}
			s.noteAnswers()
			if diff := cmp.Diff(tc.want, s.hints); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}
