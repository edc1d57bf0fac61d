package lab

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// judge evaluates the open tasks against what is seen. A pass stays, whatever happens later.
func (r *Reconciler) judge(ctx context.Context, s *scope) error {
	s.judged = true
	if s.lab.Status.Environment == nil {
		s.lab.Status.Tasks = s.restingTasks()
		return nil
	}
	s.hints = r.notices(ctx, s)
	if r.Witness != nil {
		r.Witness(s.lab.UID, s.moment())
	}
	if s.lab.Status.CompletedAt != nil {
		s.lab.Status.Tasks = s.restingTasks()
		return nil
	}
	began := r.Clock.Now()
	s.evaluate(ctx)
	r.Metrics.Evaluated(s.lab.Spec.Topic, s.lab.Status.Exercise, r.Clock.Since(began))
	return nil
}

// evaluate judges the tasks of a lab that is not completed.
func (s *scope) evaluate(ctx context.Context) {
	result := s.pinned.Checks.Evaluate(ctx, s.input())
	s.evaluated = &result
	s.memory.holds = result.Holds
	s.needs = result.Needs
	s.again(result.Recheck)

	spec := s.pinned.Bundle.Exercise.Tasks
	tasks := make([]v1beta1.TaskStatus, len(spec))
	kept := s.awaitsEvidence() && len(s.original.Status.Tasks) == len(spec)
	for i := range spec {
		tasks[i] = taskStatus(&result.Tasks[i])
		if kept && tasks[i].State != v1beta1.TaskPassed {
			tasks[i] = s.original.Status.Tasks[i]
		}
	}
	s.lab.Status.Tasks = tasks
	if result.Completed {
		s.complete()
	}
}

// complete latches the lab: tasks that had to hold until now are passed for good as well.
func (s *scope) complete() {
	s.lab.Status.CompletedAt = s.stamp()
	for i := range s.lab.Status.Tasks {
		task := &s.lab.Status.Tasks[i]
		if task.PassedAt == nil {
			task.PassedAt = s.stamp()
		}
		task.State = v1beta1.TaskPassed
	}
}

// taskStatus is the state of a task, and while it is open the first of its checks that is not met.
func taskStatus(result *check.TaskResult) v1beta1.TaskStatus {
	status := v1beta1.TaskStatus{
		Name:     result.Name,
		State:    result.State,
		OpenedAt: stampOf(result.OpenedAt),
		PassedAt: stampOf(result.PassedAt),
		Outputs:  result.Outputs,
	}
	if !isOpen(result.State) {
		return status
	}
	for _, verdict := range result.Checks {
		if verdict.State != v1beta1.CheckPassed {
			status.Expected, status.Observed = verdict.Expected, verdict.Observed
			break
		}
	}
	return status
}

// restingTasks are the tasks while nothing is evaluated: what was passed stays so, the rest waits.
func (s *scope) restingTasks() []v1beta1.TaskStatus {
	before := map[string]v1beta1.TaskStatus{}
	for _, task := range s.lab.Status.Tasks {
		before[task.Name] = task
	}
	spec := s.pinned.Bundle.Exercise.Tasks
	tasks := make([]v1beta1.TaskStatus, len(spec))
	for i := range spec {
		known := before[spec[i].Name]
		tasks[i] = v1beta1.TaskStatus{
			Name: spec[i].Name, OpenedAt: known.OpenedAt, PassedAt: known.PassedAt, Outputs: known.Outputs, State: v1beta1.TaskPending,
		}
		if known.PassedAt != nil {
			tasks[i].State = v1beta1.TaskPassed
		}
		for _, name := range spec[i].DependsOn {
			if known.PassedAt == nil && before[name].PassedAt == nil {
				tasks[i].State = v1beta1.TaskLocked
			}
		}
	}
	return tasks
}

func stampOf(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	stamp := metav1.NewTime(t)
	return &stamp
}
