package lab

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// event is something that happened to a Lab.
type event struct {
	kind   string // Normal or Warning
	reason string // a constant of the API
	// action says what was done, and to what where that can be several things at once: events of one object that agree in
	// all but their notes are counted as one, with one of the notes.
	action string
	note   string // at most 1 KiB
}

func taskPassed(name, title string) event {
	return event{corev1.EventTypeNormal, v1beta1.EventTaskPassed, "Judge/" + name, "Passed task " + name + ": " + title}
}

func labCompleted(lab *v1beta1.Lab) event {
	return event{corev1.EventTypeNormal, v1beta1.EventCompleted, "Judge", bounded(lab.Status.Next)}
}

func questionSettled(lab *v1beta1.Lab, question v1beta1.QuestionStatus) event {
	read := fmt.Sprintf(". Read the model answer with: kubectl -n %s get labreview %s -o yaml", lab.Namespace, lab.Name)
	if question.State == v1beta1.QuestionRight {
		return event{corev1.EventTypeNormal, v1beta1.EventAnswerRight, "Grade/" + question.ID, "Question " + question.ID + " is answered correctly" + read}
	}
	return event{corev1.EventTypeNormal, v1beta1.EventAttemptsUsed, "Grade/" + question.ID, "No attempts are left for question " + question.ID + read}
}

func conditionChanged(c metav1.Condition) event {
	kind := corev1.EventTypeNormal
	if c.Type == v1beta1.ConditionStalled && c.Status == metav1.ConditionTrue {
		kind = corev1.EventTypeWarning
	}
	return event{kind, c.Reason, "Reconcile", bounded(c.Message)}
}

// transitions are the events between two statuses, in the order in which a reader expects them.
func transitions(before, after *v1beta1.Lab, title func(task string) string) []event {
	var found []event
	for _, kind := range []string{v1beta1.ConditionProvisioned, v1beta1.ConditionReady, v1beta1.ConditionStalled} {
		was := meta.FindStatusCondition(before.Status.Conditions, kind)
		is := meta.FindStatusCondition(after.Status.Conditions, kind)
		quiet := kind == v1beta1.ConditionStalled && is != nil && is.Status == metav1.ConditionFalse
		// That a lab which never was ready is not ready yet is no news.
		starting := is != nil && is.Status == metav1.ConditionFalse && (was == nil || was.Status == metav1.ConditionFalse) &&
			slices.Contains([]string{v1beta1.ReasonRevisionPending, v1beta1.ReasonProvisioning, v1beta1.ReasonNotReadyYet}, is.Reason)
		if is != nil && !quiet && !starting && (was == nil || was.Status != is.Status || was.Reason != is.Reason) {
			found = append(found, conditionChanged(*is))
		}
	}
	isPassed := map[string]bool{}
	for _, task := range before.Status.Tasks {
		isPassed[task.Name] = task.PassedAt != nil && task.State == v1beta1.TaskPassed
	}
	states := map[string]v1beta1.QuestionState{}
	for _, question := range before.Status.Questions {
		states[question.ID] = question.State
	}
	for _, task := range after.Status.Tasks {
		if task.State == v1beta1.TaskPassed && task.PassedAt != nil && !isPassed[task.Name] {
			found = append(found, taskPassed(task.Name, title(task.Name)))
		}
	}
	for _, question := range after.Status.Questions {
		if question.State.IsSettled() && states[question.ID] != question.State {
			found = append(found, questionSettled(after, question))
		}
	}
	if before.Status.CompletedAt == nil && after.Status.CompletedAt != nil {
		found = append(found, labCompleted(after))
	}
	return found
}

// announce tells what changed, once it is written.
func (r *Reconciler) announce(ctx context.Context, s *scope) {
	for _, e := range transitions(s.reported, s.lab, s.title) {
		r.tell(ctx, s.lab, e)
	}
}

// tell records an event on a Lab, and logs it.
func (r *Reconciler) tell(ctx context.Context, lab *v1beta1.Lab, e event) {
	r.Recorder.Eventf(lab, nil, e.kind, e.reason, e.action, "%s", e.note)
	log.FromContext(ctx).Info(e.note, "type", e.kind, "reason", e.reason, "action", e.action)
}
