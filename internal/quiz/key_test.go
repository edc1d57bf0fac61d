package quiz

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestExpected(t *testing.T) {
	const noOption = "a name that is no option of the question: the options are request, limit, node, quota"
	const noNumber = "a number that nobody can type: it must have at most 32 digits before and after the point"
	tests := map[string]struct {
		question v1beta1.Question
		values   []any
		want     []string
		wantErr  string
	}{
		"an option":                       {question: choiceInput().Question, values: []any{"limit"}, want: []string{"limit"}},
		"options, each of which is right": {question: choiceInput().Question, values: []any{"request", "limit", "request"}, want: []string{"request", "limit"}},
		"no option":                       {question: choiceInput().Question, values: []any{"limit", "memory"}, wantErr: noOption},
		"an option in another case":       {question: choiceInput().Question, values: []any{"Limit"}, wantErr: noOption},
		"a set of options":                {question: multiInput().Question, values: []any{"request", "limit", "request"}, want: []string{"limit,request"}},
		"a set with what is no option":    {question: multiInput().Question, values: []any{"request", ""}, wantErr: noOption},
		"an empty set":                    {question: multiInput().Question},
		"numbers":                         {question: numberInput().Question, values: []any{int64(3), uint64(4), 0.50, 3.0, "007"}, want: []string{"3", "4", "0.5", "7"}},
		"a number without end":            {question: numberInput().Question, values: []any{math.Inf(1)}, wantErr: noNumber},
		"no number at all":                {question: numberInput().Question, values: []any{math.NaN()}, wantErr: noNumber},
		"a number of 41 digits":           {question: numberInput().Question, values: []any{1e40}, wantErr: noNumber},
		"a text that is no number":        {question: numberInput().Question, values: []any{"many"}, wantErr: noNumber},
		"texts":                           {question: textInput().Question, values: []any{"The  Kubelet.", "kubelet", "", "!"}, want: []string{"the kubelet", "kubelet"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Expected(tc.question, tc.values)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("normal forms (-want +got):\n%s", diff)
			}
			if tc.wantErr == "" && err != nil || tc.wantErr != "" && (err == nil || err.Error() != tc.wantErr) {
				t.Errorf("error is %v, want %q", err, tc.wantErr)
			}
		})
	}
}

func TestABrokenKeyIsNotTheLearnersFault(t *testing.T) {
	const misfit = "the answer key does not fit this question: tell the author of the topic"
	tests := map[string]struct {
		in     Input
		change func(*Input)
		want   string
	}{
		"no option":                  {choiceInput(), func(in *Input) { in.Answer.Choice = "nope" }, misfit},
		"no answer to a choice":      {choiceInput(), func(in *Input) { in.Answer.Choice = "" }, misfit},
		"a question without options": {choiceInput(), func(in *Input) { in.Question.Options = nil }, "the question has no options: tell the author of the topic"},
		"no options":                 {multiInput(), func(in *Input) { in.Answer.Choices = nil }, misfit},
		"one of the options":         {multiInput(), func(in *Input) { in.Answer.Choices = []string{"request", "nope"} }, misfit},
		"no number":                  {numberInput(), func(in *Input) { in.Answer.Number = nil }, misfit},
		"a bad number":               {numberInput(), func(in *Input) { in.Answer.Number.Value = "1e9" }, misfit},
		"a bad tolerance":            {numberInput(), func(in *Input) { in.Answer.Number.Tolerance = "few" }, misfit},
		"a bad live tolerance":       {live(numberInput()), func(in *Input) { in.Answer.Live.Tolerance = "few" }, misfit},
		"no text":                    {textInput(), func(in *Input) { in.Answer.Text = nil }, misfit},
		"texts nobody can type":      {textInput(), func(in *Input) { in.Answer.Text.Accepted = []string{"?"} }, misfit},
		"no form":                    {numberInput(), func(in *Input) { in.Question.Type = "Essay" }, "the form Essay is not known here: tell the author of the topic"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.change(&tc.in)
			tc.in.Previous.Tried = []string{"1"}
			want := Grade{State: v1beta1.QuestionError, AttemptsLeft: 2, Tried: []string{"1"}, Feedback: tc.want}
			if diff := cmp.Diff(want, give(tc.in, textAnswer("a"))); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}
