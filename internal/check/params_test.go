package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func withParams(s *v1beta1.ExerciseSpec, params ...v1beta1.Param) *v1beta1.ExerciseSpec {
	s.Params = params
	return s
}

var (
	replicas = v1beta1.Param{Name: "replicas", Range: &v1beta1.ParamRange{Min: 2, Max: 5}}
	color    = v1beta1.Param{Name: "color", OneOf: []string{"red", "green"}}
)

func TestParamsThatCannotBeUsed(t *testing.T) {
	texts := aTask("a", "params.replicas == 2")
	texts.Instructions = "make it $(params.size) large"
	texts.Hints = []v1beta1.Hint{{Text: "look at $(params.hue)"}}
	texts.Checks[0].Expected = "$(params.n) replicas"
	long := aTask("a", "true")
	long.Title = strings.Repeat("x", 196) + "$(params.color)"
	tests := map[string]struct {
		spec *v1beta1.ExerciseSpec
		want []Problem
	}{
		"no param is there": {
			spec: spec(aTask("a", "params.replicas == 2")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses params: the exercise has none; add it to spec.params"}},
		},
		"another is there": {
			spec: withParams(spec(aTask("a", "params.size == 2")), replicas, color),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses params.size: the exercise has the params replicas and color"}},
		},
		"params as a whole": {
			spec: withParams(spec(aTask("a", "size(params) == 2")), replicas),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses params: write params.<name>"}},
		},
		"texts that refer to none": {
			spec: withParams(spec(texts), replicas),
			want: []Problem{
				{"spec.tasks[0].instructions", "refers to $(params.size): the exercise has no such param; add it to spec.params or correct the name"},
				{"spec.tasks[0].checks[0].expected", "refers to $(params.n): the exercise has no such param; add it to spec.params or correct the name"},
				{"spec.tasks[0].hints[0].text", "refers to $(params.hue): the exercise has no such param; add it to spec.params or correct the name"},
			},
		},
		"texts that grow too long": {
			spec: withParams(spec(long), color),
			want: []Problem{
				{"spec.tasks[0].title", "can have 201 characters with the longest values of the params in it: write it in at most 200"},
			},
		},
		"params without choice": {
			spec: withParams(spec(aTask("a", "true")), v1beta1.Param{Name: "x"}, v1beta1.Param{Name: "x-1", OneOf: []string{"a", "b"}},
				v1beta1.Param{Name: "y", Range: &v1beta1.ParamRange{Min: 2, Max: 2}}, color, color,
				v1beta1.Param{Name: "z", Range: &v1beta1.ParamRange{Min: 2, Max: 8, Step: 7}}, v1beta1.Param{Name: "in", OneOf: []string{"a", "b"}}),
			want: []Problem{
				{"spec.params[0]", "must have exactly one of range and oneOf"},
				{"spec.params[1].name", `"x-1" is no name of a param: write a lower-case letter, then at most 30 letters and digits`},
				{"spec.params[2].range", "min must be less than max"},
				{"spec.params[4].name", "another param is named color: each needs a name of its own"},
				{"spec.params[5].range.step", "must be at most max - min: with a larger one everybody draws min"},
				{"spec.params[6].name", "in is a word of the language: choose another name"},
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := Compile(tc.spec)
			if diff := cmp.Diff(tc.want, problems); diff != "" || got != nil {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParams(t *testing.T) {
	task := aTask("a", "web.spec.replicas == params.replicas")
	task.Checks[0].Expected = "web has $(params.replicas) replicas"
	task.Hints = []v1beta1.Hint{{Text: "count to $(params.replicas)"}}
	e := mustCompile(t, withParams(spec(task), replicas))
	tests := map[string]struct {
		drawn        int64
		want         v1beta1.TaskState
		wantTips     []string
		wantExpected string
	}{
		"the value of this learner":     {2, v1beta1.TaskPassed, nil, "web has 2 replicas"},
		"the value of another learner ": {5, v1beta1.TaskPending, []string{"count to 5"}, "web has 5 replicas"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Params = map[string]any{"replicas": tc.drawn}
			got := evaluate(t, e, in).Tasks[0]
			if got.State != tc.want || got.Checks[0].Expected != tc.wantExpected {
				t.Errorf("got %s, expected %q; want %s, %q", got.State, got.Checks[0].Expected, tc.want, tc.wantExpected)
			}
			if diff := cmp.Diff(tc.wantTips, got.Hints); diff != "" {
				t.Errorf("tips (-want +got):\n%s", diff)
			}
		})
	}
}
