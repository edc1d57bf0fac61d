package check

import (
	"testing"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func inspected(t *testing.T, text string) *Inspection {
	t.Helper()
	s := withParams(spec(withOutput(aTask("a", "true"), "uid", "web.metadata.uid"), aTask("b", "true")), replicas)
	x := Inspect(s).Expression(text)
	if x == nil {
		t.Fatalf("%s does not compile", text)
	}
	return x
}

func TestConstants(t *testing.T) {
	tests := map[string]struct {
		expression      string
		value, constant bool
	}{
		"true":                                {"true", true, true},
		"no variable":                         {"size('ab') > 2", false, true},
		"a part decides":                      {"web.spec.replicas == 2 || 1 < 2", true, true},
		"a part decides in a macro":           {"[1, 2].all(i, i > 1) && pods.exists(p, p.spec.hostNetwork)", false, true},
		"the other side of a choice":          {"false ? size(pods) > 1 : true", true, true},
		"evidence":                            {"web.spec.replicas == 2", false, false},
		"evidence in a macro":                 {"pods.all(p, p.spec.hostNetwork)", false, false},
		"evidence in an optional":             {"web.spec.?paused.orValue(false)", false, false},
		"evidence in a function of ours":      {"container(web, 'web').image == 'a:1'", false, false},
		"a param":                             {"params.replicas > 0", false, false},
		"the time":                            {"now > timestamp('2026-01-01T00:00:00Z')", false, false},
		"the lab":                             {"lab.name == 'x'", false, false},
		"a task before":                       {"done.a.passed", false, false},
		"what always fails is no fixed value": {"1 / 0 == 1", false, false},
		"a text":                              {"'web'", false, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			value, constant := inspected(t, tc.expression).Constant()
			if value != tc.value || constant != tc.constant {
				t.Errorf("%v, %v: want %v, %v", value, constant, tc.value, tc.constant)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	in := Input{
		Evidence: Snapshot{
			"pods": {State: Seen, Value: []any{}},
			"web":  {State: Missing},
		},
		Params: map[string]any{"replicas": int64(2)},
		Now:    start.Add(time.Minute),
		Tasks:  []TaskState{{Name: "a", PassedAt: start, Outputs: map[string]string{"uid": "x"}}},
	}
	tests := map[string]struct {
		expression string
		want       bool
	}{
		"an empty list":              {"size(pods) == 0", true},
		"a list that should not be":  {"size(pods) == 1", false},
		"what is missing":            {"web.spec.replicas == 2 || true", false},
		"what nobody has looked at":  {"hpa.spec.maxReplicas == 2 || true", false},
		"an error":                   {"pods[0].metadata.name == 'a'", false},
		"a task before and the time": {"done.a.uid == 'x' && now > done.a.at", true},
		"a param":                    {"params.replicas == 2", true},
		"no bool":                    {"'true'", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := inspected(t, tc.expression).Holds(t.Context(), in); got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestWhatAnExpressionRefersTo(t *testing.T) {
	x := inspected(t, "pods.exists(web, web.metadata.uid == done.a.uid) && done.a.passed && size(pods) == params.replicas && hpa.spec.maxReplicas > 1")
	if diff := cmp.Diff([]string{"pods", "hpa"}, x.Evidence()); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"replicas"}, x.Params()); diff != "" {
		t.Errorf("params (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]string{{"a", "uid"}, {"a", "passed"}}, x.Outputs()); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if x.Tree().Expr().Kind() != ast.CallKind {
		t.Error("the tree does not begin with the last &&")
	}
}

func TestWhatCannotBeInspected(t *testing.T) {
	for name, text := range map[string]string{
		"no CEL":              "web.spec.",
		"no evidence":         "wen.spec.replicas == 1",
		"a task that is not":  "done.z.passed",
		"a param that is not": "params.size == 1",
	} {
		t.Run(name, func(t *testing.T) {
			if Inspect(spec(aTask("a", "true"))).Expression(text) != nil {
				t.Error("inspected")
			}
		})
	}
	broken := spec(aTask("a", "true"))
	broken.Evidence = append(broken.Evidence, object("now", "v1", "Pod", "x"), v1beta1.Evidence{Name: "in"})
	if x := Inspect(broken).Expression("true"); x == nil {
		t.Error("a name that is taken keeps the rest from being inspected")
	}
}
