package catalog

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/internal/check"
)

func TestCompile(t *testing.T) {
	b := aBundle()
	got, problems := Compile(pinOf(b))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	wantKinds := []schema.GroupVersionKind{{Version: "v1", Kind: "Pod"}, {Group: "apps", Version: "v1", Kind: "Deployment"}}
	if diff := cmp.Diff(wantKinds, got.Kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if got.Hash != b.Hash() || got.Name != b.Name() || len(got.Setup) != 1 || got.Setup[0].GetName() != "web" || got.Setup[0].GetNamespace() != "" {
		t.Errorf("hash %s, setup %v", got.Hash, got.Setup)
	}
	in := check.Input{Evidence: check.Snapshot{
		"pods": {State: check.Seen, Value: []any{map[string]any{}, map[string]any{}}},
		"web":  {State: check.Seen, Value: map[string]any{"spec": map[string]any{"replicas": int64(2)}}},
	}}
	if result := got.Checks.Evaluate(context.Background(), in); !result.Completed {
		t.Errorf("the tasks are %+v", result.Tasks)
	}
	if len(got.Live) != 1 {
		t.Fatalf("%d live questions, want 1", len(got.Live))
	}
	if found, err := got.Live["k8s-03"].Values(context.Background(), in); err != nil || !cmp.Equal(found.Values, []any{int64(2)}) {
		t.Errorf("values %v, error %v", found.Values, err)
	}
}

func TestCompileFindsEverything(t *testing.T) {
	b := aBundle()
	b.Exercise.Tasks[0].Checks[0].Expression = "size(pods)"
	b.Exercise.Evidence[0].List.APIVersion = "a/b/c"
	b.Answers = b.Answers[1:]
	b.Questions[1].Task = "gone"
	b.Answers[1].Live.Expression = "nope"
	compiled, got := Compile(pinOf(b))
	want := []check.Problem{
		{Field: "spec.evidence[0]", Message: `apiVersion "a/b/c" and kind "Pod" name no kind: write them as in autoscaling/v2 and HorizontalPodAutoscaler`},
		{Field: "spec.tasks[0].checks[0].expression", Message: "returns int: it must return a bool"},
		{Field: "spec.answers[k8s-01]", Message: "the AnswerKey has no answer to this question: add one"},
		{Field: "spec.questions[k8s-02].task", Message: "the exercise hpa-scaling has no task gone: it has requests"},
		{Field: "spec.answers[k8s-03].live.expression", Message: "does not compile: nope is neither evidence nor a function: there is api, pods, web, lab, now and done (at column 1)"},
	}
	if diff := cmp.Diff(want, got); diff != "" || compiled != nil {
		t.Errorf("compiled %v, problems (-want +got):\n%s", compiled, diff)
	}
}
