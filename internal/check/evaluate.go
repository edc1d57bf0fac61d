package check

import (
	"context"
	"slices"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Evaluate judges all tasks. A Once task that has been passed is not looked at again. A task that is passed here opens those
// that wait for it in the same evaluation. The context and PassDeadline bound the time: what was not judged by then is
// Pending.
func (e *Exercise) Evaluate(ctx context.Context, in Input) Result {
	ctx, cancel := context.WithTimeout(ctx, PassDeadline)
	defer cancel()
	return e.evaluate(ctx, in)
}

func (e *Exercise) evaluate(ctx context.Context, in Input) Result {
	j := &judge{
		exercise: e,
		in:       in,
		pass:     newPass(ctx, in),
		passed:   map[string]bool{},
		result:   Result{Tasks: make([]TaskResult, len(e.tasks)), Holds: map[string]time.Time{}, Completed: true},
	}
	faults := make([][]string, len(e.tasks))
	needs := map[string]bool{}
	note := func(names []string) {
		for _, name := range names {
			needs[name] = true
		}
	}
	for i := range e.ready {
		note(e.ready[i].holds.looksAt())
	}
	for _, i := range e.order {
		j.faults = nil
		j.result.Tasks[i] = j.task(&e.tasks[i])
		faults[i] = j.faults
		state := j.result.Tasks[i].State
		if state != v1beta1.TaskPassed {
			j.result.Completed = false
		}
		if state != v1beta1.TaskLocked && (state != v1beta1.TaskPassed || e.tasks[i].continuous) {
			note(e.tasks[i].needs)
		}
	}
	for _, name := range e.evidence {
		if needs[name] {
			j.result.Needs = append(j.result.Needs, name)
		}
	}
	for _, fault := range slices.Concat(faults...) {
		if !slices.Contains(j.result.Faults, fault) {
			j.result.Faults = append(j.result.Faults, fault)
		}
	}
	return j.result
}

// Ready tells whether all of spec.readyWhen holds, and which checks do not. Without any it does.
func (e *Exercise) Ready(ctx context.Context, in Input) (ok bool, unmet []v1beta1.CheckResult) {
	ctx, cancel := context.WithTimeout(ctx, PassDeadline)
	defer cancel()
	j := &judge{exercise: e, in: in, pass: newPass(ctx, in)}
	for i := range e.ready {
		if result := j.clause(&e.ready[i]); result.State != v1beta1.CheckPassed {
			unmet = append(unmet, result)
		}
	}
	return len(unmet) == 0, unmet
}

// ReadyNeeds are the names of the evidence that decides on whether the lab is ready.
func (e *Exercise) ReadyNeeds() []string {
	var names []string
	for i := range e.ready {
		names = append(names, e.ready[i].holds.looksAt()...)
	}
	return names
}

// newPass gives expressions what is known. Evidence that was not seen has no variable.
func newPass(ctx context.Context, in Input) *pass {
	return &pass{ctx: ctx, evidence: in.Evidence, variables: variablesOf(in)}
}

func variablesOf(in Input) map[string]any {
	lab := map[string]any{"name": in.Lab.Name, "namespace": in.Lab.Namespace}
	if !in.Lab.StartedAt.IsZero() {
		lab["startedAt"] = in.Lab.StartedAt
	}
	done := map[string]any{}
	params := in.Params
	if params == nil {
		params = map[string]any{}
	}
	variables := map[string]any{varLab: lab, varNow: in.Now, varDone: done, varParams: params}
	for name, seen := range in.Evidence {
		if seen.State == Seen {
			variables[name] = seen.Value
		}
	}
	for _, t := range in.Tasks {
		if !t.PassedAt.IsZero() {
			done[t.Name] = doneOf(t.PassedAt, t.Outputs)
		}
	}
	return variables
}

func doneOf(at time.Time, outputs map[string]string) map[string]any {
	done := map[string]any{"at": at, "passed": true}
	for name, value := range outputs {
		done[name] = value
	}
	return done
}
