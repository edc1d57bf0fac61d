package labs

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// verdict is what a task comes to on a scene with a change.
type verdict struct {
	task, patch string
	// drop is a field of the registry's answer that is null.
	drop string
	// says is part of what the learner reads; empty means that the task is passed.
	says string
}

// longHold is more than any task of these exercises has to hold.
const longHold = 30 * time.Second

// judgeAll judges a task on a scene in which it and all others are passed, with one change each. The tasks before it were
// passed a second after one another, from five minutes after the start on.
func judgeAll(t *testing.T, exercise, state string, params map[string]any, cases map[string]verdict) {
	t.Helper()
	compiled := compile(t, exercise)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		tc := cases[name]
		t.Run(name, func(t *testing.T) {
			patch := tc.patch
			if patch == "" {
				patch = "{}"
			}
			r := readScene(t, exercise, state).but(t, patch)
			if tc.drop != "" {
				r.evidence["registry"].(map[string]any)["json"].(map[string]any)[tc.drop] = nil
			}
			in := check.Input{
				Evidence: r.snapshot(compiled.spec), Params: params, Now: r.Now,
				Lab: check.LabInfo{Name: "lab", Namespace: "lab-lab", StartedAt: r.StartedAt},
			}
			for i, task := range compiled.spec.Tasks {
				if task.Name == tc.task {
					break
				}
				at := r.StartedAt.Add(5*time.Minute + time.Duration(i)*90*time.Second)
				in.Tasks = append(in.Tasks, check.TaskState{Name: task.Name, OpenedAt: at, PassedAt: at})
			}
			first := compiled.judge.Evaluate(t.Context(), in)
			in.Now, in.Holds = r.Now.Add(longHold), first.Holds
			last := compiled.judge.Evaluate(t.Context(), in)
			if len(last.Faults) > 0 {
				t.Errorf("the exercise is at fault: %v", last.Faults)
			}
			task := taskOf(t, last, tc.task)
			switch {
			case tc.says == "" && task.State != v1beta1.TaskPassed:
				t.Errorf("%s, not passed:\n%s", task.State, unmet(task))
			case tc.says != "" && (task.State != v1beta1.TaskPending || !strings.Contains(unmet(task), tc.says)):
				t.Errorf("%s, want that a learner reads %q:\n%s", task.State, tc.says, unmet(task))
			}
		})
	}
}
