package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestMultiChoice(t *testing.T) {
	const expects = "answer with the letters of all that apply, a to d, as in a,b"
	right := Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}
	open := Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: expects}
	wrong := func(feedback string, tried ...string) Grade {
		return Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 3 - int32(len(tried)), Tried: tried, Feedback: feedback}
	}
	exhausted := Grade{
		State: v1beta1.QuestionExhausted, Tried: []string{"quota", "request", "node"},
	}
	tests := map[string]struct {
		answers []*intstr.IntOrString
		want    Grade
	}{
		"no answer yet":                     {[]*intstr.IntOrString{nil}, open},
		"with a comma":                      {[]*intstr.IntOrString{textAnswer("a,d")}, right},
		"in another order, close together":  {[]*intstr.IntOrString{textAnswer("da")}, right},
		"with spaces":                       {[]*intstr.IntOrString{textAnswer(" d   a ")}, right},
		"in capitals, with other signs":     {[]*intstr.IntOrString{textAnswer("[A] + (D).")}, right},
		"a letter twice":                    {[]*intstr.IntOrString{textAnswer("a, d, a")}, right},
		"too few":                           {[]*intstr.IntOrString{textAnswer("a")}, wrong("general", "quota")},
		"too many":                          {[]*intstr.IntOrString{textAnswer("a,b,d")}, wrong("nodes have room", "node,quota,request")},
		"every letter":                      {[]*intstr.IntOrString{textAnswer("abcd")}, wrong("nodes have room", "limit,node,quota,request")},
		"the first wrong letter is told of": {[]*intstr.IntOrString{textAnswer("c b")}, wrong("nodes have room", "limit,node")},
		"a wrong letter":                    {[]*intstr.IntOrString{textAnswer("d,c")}, wrong("limits throttle", "limit,request")},
		"the same wrong set costs one attempt": {
			[]*intstr.IntOrString{textAnswer("c,d"), textAnswer("dc"), textAnswer("D C c.")}, wrong("limits throttle", "limit,request"),
		},
		"a reverted set costs nothing": {
			[]*intstr.IntOrString{textAnswer("a"), textAnswer("d"), textAnswer("a")}, wrong("general", "quota", "request"),
		},
		"every attempt used":                         {[]*intstr.IntOrString{textAnswer("a"), textAnswer("d"), textAnswer("b")}, exhausted},
		"nothing changes when every attempt is used": {[]*intstr.IntOrString{textAnswer("a"), textAnswer("d"), textAnswer("b"), textAnswer("ad"), nil}, exhausted},
		"right stays right":                          {[]*intstr.IntOrString{textAnswer("ad"), textAnswer("b"), nil, textAnswer("?")}, right},
		"a letter that is no option":                 {[]*intstr.IntOrString{textAnswer("a,e")}, open},
		"words":                                      {[]*intstr.IntOrString{textAnswer("a and d")}, open},
		"names of options":                           {[]*intstr.IntOrString{textAnswer("request, QUOTA")}, right},
		"a name that is no option's":                 {[]*intstr.IntOrString{textAnswer("quota,quotas")}, open},
		"a number":                                   {[]*intstr.IntOrString{integer(14)}, open},
		"only separators":                            {[]*intstr.IntOrString{textAnswer(", ;")}, open},
		"nothing at all":                             {[]*intstr.IntOrString{textAnswer("  ")}, open},
		"too long":                                   {[]*intstr.IntOrString{textAnswer(strings.Repeat("a", 257))}, open},
		"malformed ones never exhaust":               {[]*intstr.IntOrString{textAnswer("x"), textAnswer("y"), textAnswer("z"), textAnswer("1")}, open},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := multiInput()
			got := give(in, tc.answers...)
			if tc.want.State == v1beta1.QuestionOpen || tc.want.State == v1beta1.QuestionWrong {
				tc.want.Options = options(in)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLargestSetFitsTheStatus(t *testing.T) {
	in := multiInput()
	in.Question.Options = nil
	for i := range 8 {
		in.Question.Options = append(in.Question.Options, v1beta1.Option{Name: letter(i) + strings.Repeat("x", 30), Text: strings.Repeat("é", 512)})
	}
	in.Answer.Choices = nil
	for _, option := range in.Question.Options[:7] {
		in.Answer.Choices = append(in.Answer.Choices, option.Name)
	}
	in.Question.Attempts = 1
	got := give(in, textAnswer("abcdefgh"))
	if len(got.Tried) != 1 || len(got.Tried[0]) > 256 {
		t.Errorf("tried is %q: its items have at most 256 characters", got.Tried)
	}
}
