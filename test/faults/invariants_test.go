package faults

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// invariantWatcher sees every status of a lab, and keeps the invariants that two consecutive ones
// violate.
type invariantWatcher struct {
	done       chan struct{}
	violations []string // read when done is closed
}

// watchInvariants starts to watch a lab, which need not exist yet. The watch ends with the context.
func (r *scenarioRun) watchInvariants(ctx context.Context) (*invariantWatcher, error) {
	watch, err := r.admin.Watch(ctx, &v1beta1.LabList{}, client.InNamespace(metav1.NamespaceDefault), client.MatchingFields{"metadata.name": r.lab})
	if err != nil {
		return nil, fmt.Errorf("watch the lab: %w", err)
	}
	w := &invariantWatcher{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		defer watch.Stop()
		before := &v1beta1.LabStatus{}
		for event := range watch.ResultChan() {
			lab, ok := event.Object.(*v1beta1.Lab)
			if ctx.Err() != nil {
				return
			}
			if !ok {
				w.violations = append(w.violations, fmt.Sprintf("the watch says %s", event.Type))
				continue
			}
			w.violations = append(w.violations, violationsBetween(before, &lab.Status)...)
			before = &lab.Status
		}
	}()
	return w, nil
}

// violationsBetween returns the invariants that a status violates after another.
func violationsBetween(before, after *v1beta1.LabStatus) []string {
	var violations []string
	keeps := func(what string, was, is *metav1.Time) {
		if was != nil && !was.Equal(is) {
			violations = append(violations, fmt.Sprintf("%s was %v and became %v", what, was, is))
		}
	}
	keeps("completedAt", before.CompletedAt, after.CompletedAt)
	keeps("startedAt", before.StartedAt, after.StartedAt)
	tasks := map[string]v1beta1.TaskStatus{}
	for _, task := range after.Tasks {
		tasks[task.Name] = task
	}
	for _, was := range before.Tasks {
		is := tasks[was.Name]
		keeps("passedAt of task "+was.Name, was.PassedAt, is.PassedAt)
		keeps("openedAt of task "+was.Name, was.OpenedAt, is.OpenedAt)
		// A continuous task can cease to hold before the lab is completed.
		lasting := !isContinuous(was.Name) || before.CompletedAt != nil
		if lasting && was.State == v1beta1.TaskPassed && is.State != v1beta1.TaskPassed {
			violations = append(violations, fmt.Sprintf("task %s was passed and became %s", was.Name, is.State))
		}
	}
	questions := map[string]v1beta1.QuestionStatus{}
	for _, question := range after.Questions {
		questions[question.ID] = question
	}
	for _, was := range before.Questions {
		is := questions[was.ID]
		if was.State == v1beta1.QuestionRight && is.State != v1beta1.QuestionRight {
			violations = append(violations, fmt.Sprintf("question %s was right and became %s", was.ID, is.State))
		}
		if len(is.Attempts) < len(was.Attempts) || !slices.Equal(was.Attempts, is.Attempts[:len(was.Attempts)]) {
			violations = append(violations, fmt.Sprintf("attempts of question %s were %v and became %v", was.ID, was.Attempts, is.Attempts))
		}
	}
	if meta.IsStatusConditionTrue(after.Conditions, v1beta1.ConditionStalled) {
		violations = append(violations, "stalled: "+meta.FindStatusCondition(after.Conditions, v1beta1.ConditionStalled).Message)
	}
	return violations
}

// isContinuous reports whether a task has to hold when the lab is completed, and not only once.
func isContinuous(name string) bool {
	for _, task := range exercise().Spec.Tasks {
		if task.Name == name {
			return task.Mode == v1beta1.TaskContinuous
		}
	}
	return false
}
