package chaos

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// witness sees every status that a lab ever has, and whether something was taken back between two of them.
type witness struct {
	done   chan struct{}
	broken []string // read when done is closed
}

// testify starts to watch a lab, which need not be there yet. The watch ends with the context.
func (l *life) testify(ctx context.Context) (*witness, error) {
	watch, err := l.admin.Watch(ctx, &v1alpha1.LabList{}, client.InNamespace(metav1.NamespaceDefault), client.MatchingFields{"metadata.name": l.lab})
	if err != nil {
		return nil, fmt.Errorf("watch the lab: %w", err)
	}
	w := &witness{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		defer watch.Stop()
		before := &v1alpha1.LabStatus{}
		for event := range watch.ResultChan() {
			lab, ok := event.Object.(*v1alpha1.Lab)
			if ctx.Err() != nil {
				return
			}
			if !ok {
				w.broken = append(w.broken, fmt.Sprintf("the watch says %s", event.Type))
				continue
			}
			w.broken = append(w.broken, takenBack(before, &lab.Status)...)
			before = &lab.Status
		}
	}()
	return w, nil
}

// takenBack are the promises that a second status breaks.
func takenBack(before, after *v1alpha1.LabStatus) []string {
	var broken []string
	lasts := func(what string, was, is *metav1.Time) {
		if was != nil && !was.Equal(is) {
			broken = append(broken, fmt.Sprintf("%s was %v and became %v", what, was, is))
		}
	}
	lasts("completedAt", before.CompletedAt, after.CompletedAt)
	lasts("startedAt", before.StartedAt, after.StartedAt)
	tasks := map[string]v1alpha1.TaskStatus{}
	for _, task := range after.Tasks {
		tasks[task.Name] = task
	}
	for _, was := range before.Tasks {
		is := tasks[was.Name]
		lasts("passedAt of task "+was.Name, was.PassedAt, is.PassedAt)
		lasts("openedAt of task "+was.Name, was.OpenedAt, is.OpenedAt)
		// What must hold at the end may cease to hold before.
		lasting := !continuous(was.Name) || before.CompletedAt != nil
		if lasting && was.State == v1alpha1.StatePassed && is.State != v1alpha1.StatePassed {
			broken = append(broken, fmt.Sprintf("task %s was passed and became %s", was.Name, is.State))
		}
	}
	questions := map[string]v1alpha1.QuestionStatus{}
	for _, question := range after.Questions {
		questions[question.ID] = question
	}
	for _, was := range before.Questions {
		is := questions[was.ID]
		if was.State == v1alpha1.StateRight && is.State != v1alpha1.StateRight {
			broken = append(broken, fmt.Sprintf("question %s was right and became %s", was.ID, is.State))
		}
		if len(is.Tried) < len(was.Tried) || !slices.Equal(was.Tried, is.Tried[:len(was.Tried)]) {
			broken = append(broken, fmt.Sprintf("of question %s was tried %v and then %v", was.ID, was.Tried, is.Tried))
		}
	}
	if meta.IsStatusConditionTrue(after.Conditions, v1alpha1.ConditionStalled) {
		broken = append(broken, "stalled: "+meta.FindStatusCondition(after.Conditions, v1alpha1.ConditionStalled).Message)
	}
	return broken
}

// continuous tells whether a task of the exercise has to hold when the lab is completed, and not only once.
func continuous(name string) bool {
	for _, task := range exercise().Spec.Tasks {
		if task.Name == name {
			return task.Mode == v1alpha1.TaskContinuous
		}
	}
	return false
}
