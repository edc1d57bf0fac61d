package check

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// bomb is cheap on few pods and far over the limit on a hundred.
const bomb = "pods.all(a, pods.all(b, pods.all(c, pods.all(d, a.metadata.name + b.metadata.name != c.metadata.name + d.metadata.name + 'x'))))"

func manyPods(count int) Observation {
	pods := make([]any, count)
	for i := range pods {
		pods[i] = map[string]any{"metadata": map[string]any{"name": fmt.Sprintf("web-%d", i)}, "status": map[string]any{"phase": "Running"}}
	}
	return Observation{State: Seen, Value: pods}
}

func TestTooMuchDataIsPendingAndBounded(t *testing.T) {
	e := mustCompile(t, spec(aTask("heavy", bomb), aTask("light", yes)))
	in := input()
	in.Evidence["pods"] = manyPods(100)
	begin := time.Now()
	got := evaluate(t, e, in)
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("one expression took %v", took)
	}
	want := []v1beta1.CheckResult{{Expected: "expected", Observed: "too large to inspect within the limits: make it smaller", State: v1beta1.CheckPending}}
	if diff := cmp.Diff(want, got.Tasks[0].Checks); diff != "" || got.Faults != nil {
		t.Errorf("faults %v, checks (-want +got):\n%s", got.Faults, diff)
	}
	if got.Tasks[1].State != v1beta1.TaskPassed {
		t.Errorf("another task is %s, want Passed", got.Tasks[1].State)
	}
	in.Evidence["pods"] = manyPods(3)
	if got := evaluate(t, e, in).Tasks[0].State; got != v1beta1.TaskPassed {
		t.Errorf("on few pods the task is %s, want Passed", got)
	}
}

func TestThePassHasABudget(t *testing.T) {
	// Each is just under the limit of one expression.
	e := mustCompile(t, spec(aTask("heavy", slices.Repeat([]string{"lists.range(size(pods) * 9900).size() > 0"}, 8)...), aTask("light", yes)))
	in := input()
	in.Evidence["pods"] = manyPods(100)
	j := &judge{exercise: e, in: in, pass: newPass(t.Context(), in)}
	for i := range e.tasks[0].clauses {
		j.clause(&e.tasks[0].clauses[i])
	}
	if j.pass.spent < PassCost || j.pass.spent > PassCost+ExpressionCost+10 {
		t.Errorf("the pass cost %d, want from %d to one expression more", j.pass.spent, PassCost)
	}
	if got := j.clause(&e.tasks[0].clauses[0]); got.Observed != tooLarge {
		t.Errorf("with the budget used up a costly check is %+v", got)
	}
	if got := j.clause(&e.tasks[1].clauses[0]); got.State != v1beta1.CheckPending || got.Observed != tooLarge {
		t.Errorf("with the budget used up a check is %+v", got)
	}
}

func TestTheDeadlineIsKept(t *testing.T) {
	e := mustCompile(t, spec(aTask("heavy", slices.Repeat([]string{bomb}, 4)...), aTask("light", yes)))
	in := input()
	in.Evidence["pods"] = manyPods(100)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	begin := time.Now()
	got := e.Evaluate(ctx, in)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	// The first is interrupted in the middle, the others do not start.
	for i, check := range got.Tasks[0].Checks {
		if check.State != v1beta1.CheckPending || check.Observed != outOfTime {
			t.Errorf("check %d, which was not judged to its end, is %+v", i, check)
		}
	}
	if !got.Incomplete || got.Recheck == 0 || got.Completed || got.Faults != nil {
		t.Errorf("the result does not say that it is tried again: %+v", got)
	}
}

func TestAnEndedContextJudgesNothing(t *testing.T) {
	e := mustCompile(t, spec(aTask("a", yes), withOutput(aTask("b", "true"), "x", "web.metadata.uid")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := e.Evaluate(ctx, input())
	want := map[string]v1beta1.TaskState{"a": v1beta1.TaskPending, "b": v1beta1.TaskPending}
	if diff := cmp.Diff(want, states(got)); diff != "" || !got.Incomplete {
		t.Errorf("Incomplete %v, states (-want +got):\n%s", got.Incomplete, diff)
	}
}

func TestLabsShareAnExercise(t *testing.T) {
	e := mustCompile(t, spec(
		withOutput(aTask("a", "size(pods) == int(lab.name)"), "size", "size(pods)"),
		dependingOn(aTask("b", "done.a.size == lab.name"), "a"),
	))
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			for range 20 {
				in := input()
				in.Lab.Name = fmt.Sprint(i)
				in.Evidence["pods"] = manyPods(i)
				if got := evaluate(t, e, in); !got.Completed {
					t.Errorf("lab %d: %+v", i, got)
				}
			}
		})
	}
	wait.Wait()
}

func TestEvaluationLeavesItsInputAlone(t *testing.T) {
	e := mustCompile(t, spec(holding(withOutput(aTask("a", yes, "pods.map(p, p.metadata.name).size() == 2"), "x", "web.metadata.uid"), time.Second)))
	in := input()
	in.Holds = map[string]time.Time{"a": start, "gone": start}
	evaluate(t, e, in)
	want := input()
	want.Holds = map[string]time.Time{"a": start, "gone": start}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("the input changed (-want +got):\n%s", diff)
	}
}
