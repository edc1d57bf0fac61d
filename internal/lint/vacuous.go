package lint

import (
	"context"
	"fmt"
	"time"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// checkEmptiness finds tasks that are passed in an empty namespace: all() is true of an empty list.
func (l *exerciseLinter) checkEmptiness() {
	for i, t := range l.spec.Tasks {
		holds := true
		for j := range t.Checks {
			e := l.expressionAt(fmt.Sprintf("spec.tasks[%d].checks[%d].expression", i, j))
			holds = holds && e != nil && l.holdsWhenEmpty(e)
		}
		if holds && len(t.Checks) > 0 {
			l.report(ruleEmpty, fmt.Sprintf("spec.tasks[%d].checks", i),
				"all checks of %s are true of an empty namespace: ask that something is there, as in pods.exists(p, ...)", t.Name)
		}
	}
}

// holdsWhenEmpty tries an expression where there is nothing, with the params of two learners.
func (l *exerciseLinter) holdsWhenEmpty(e *expression) bool {
	for _, drawn := range l.sampleParams() {
		if e.Holds(context.Background(), l.emptyNamespace(drawn)) {
			return true
		}
	}
	return false
}

// emptyNamespace is the state of a lab with an empty namespace, whose learner has passed every other task all the same.
func (l *exerciseLinter) emptyNamespace(drawn map[string]any) check.Input {
	started := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	in := check.Input{
		Evidence: check.Snapshot{},
		Lab:      check.LabInfo{Name: "lab", Namespace: "lab-lab", StartedAt: started},
		Params:   drawn,
		Now:      started.Add(time.Hour),
	}
	for _, e := range l.spec.Evidence {
		in.Evidence[e.Name] = absent(e)
	}
	for _, t := range l.spec.Tasks {
		state := check.TaskState{Name: t.Name, OpenedAt: started, PassedAt: started.Add(time.Minute), Outputs: map[string]string{}}
		for name := range t.Outputs {
			state.Outputs[name] = "1"
		}
		in.Tasks = append(in.Tasks, state)
	}
	return in
}

// absent is what is seen of evidence that is not there.
func absent(e v1beta1.Evidence) check.Observation {
	switch {
	case e.Object != nil:
		return check.Observation{State: check.Missing}
	case e.List != nil:
		return check.Observation{State: check.Seen, Value: []any{}}
	}
	return check.Observation{State: check.Seen, Value: map[string]any{
		fieldOK: false, fieldError: "there is none", fieldReason: probe.NotFound,
	}}
}

// sampleParams are the params of two learners who differ in all of them.
func (l *exerciseLinter) sampleParams() []map[string]any {
	low, high := map[string]any{}, map[string]any{}
	for _, p := range l.spec.Params {
		switch {
		case p.Range != nil:
			low[p.Name], high[p.Name] = p.Range.Min, p.Range.Max
		case len(p.OneOf) > 0:
			low[p.Name], high[p.Name] = p.OneOf[0], p.OneOf[len(p.OneOf)-1]
		}
	}
	if len(l.spec.Params) == 0 {
		return []map[string]any{low}
	}
	return []map[string]any{low, high}
}
