package lab

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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

func taskPassed(task v1alpha1.TaskStatus) event {
	return event{corev1.EventTypeNormal, v1alpha1.EventTaskPassed, "Judge/" + task.Name, "Passed task " + task.Name + ": " + task.Goal}
}

func labCompleted(lab *v1alpha1.Lab) event {
	return event{corev1.EventTypeNormal, v1alpha1.EventCompleted, "Judge", bounded(lab.Status.Next)}
}

func questionSettled(question v1alpha1.QuestionStatus) event {
	if question.State == v1alpha1.StateRight {
		return event{corev1.EventTypeNormal, v1alpha1.EventAnswerRight, "Grade/" + question.ID, "Question " + question.ID + " is rightly answered"}
	}
	return event{corev1.EventTypeNormal, v1alpha1.EventAttemptsUsed, "Grade/" + question.ID, "The attempts at question " + question.ID + " are used; its model answer is in the status"}
}

func resultRefused(why string) event {
	return event{corev1.EventTypeWarning, v1alpha1.ReasonResultRefused, "Record", bounded(why)}
}

func conditionChanged(c metav1.Condition) event {
	kind := corev1.EventTypeNormal
	if c.Type == v1alpha1.ConditionStalled && c.Status == metav1.ConditionTrue {
		kind = corev1.EventTypeWarning
	}
	return event{kind, c.Reason, "Reconcile", bounded(c.Message)}
}

// transitions are the events between two statuses, in the order in which a reader expects them.
func transitions(before, after *v1alpha1.Lab) []event {
	var found []event
	for _, kind := range []string{v1alpha1.ConditionProvisioned, v1alpha1.ConditionReady, v1alpha1.ConditionStalled} {
		was := meta.FindStatusCondition(before.Status.Conditions, kind)
		is := meta.FindStatusCondition(after.Status.Conditions, kind)
		quiet := kind == v1alpha1.ConditionStalled && is != nil && is.Status == metav1.ConditionFalse
		// That a lab which never was ready is not ready yet is no news.
		starting := is != nil && is.Status == metav1.ConditionFalse && (was == nil || was.Status == metav1.ConditionFalse) &&
			(is.Reason == v1alpha1.ReasonProvisioning || is.Reason == v1alpha1.ReasonNotReadyYet)
		if is != nil && !quiet && !starting && (was == nil || was.Status != is.Status || was.Reason != is.Reason) {
			found = append(found, conditionChanged(*is))
		}
	}
	states := map[string]v1alpha1.State{}
	for _, task := range before.Status.Tasks {
		if task.PassedAt != nil {
			states["task "+task.Name] = task.State
		}
	}
	for _, question := range before.Status.Questions {
		states[question.ID] = question.State
	}
	for _, task := range after.Status.Tasks {
		if task.State == v1alpha1.StatePassed && task.PassedAt != nil && states["task "+task.Name] != v1alpha1.StatePassed {
			found = append(found, taskPassed(task))
		}
	}
	for _, question := range after.Status.Questions {
		settled := question.State == v1alpha1.StateRight || question.State == v1alpha1.StateExhausted
		if settled && states[question.ID] != question.State {
			found = append(found, questionSettled(question))
		}
	}
	if before.Status.CompletedAt == nil && after.Status.CompletedAt != nil {
		found = append(found, labCompleted(after))
	}
	return found
}

// announce tells what changed, once it is written.
func (r *Reconciler) announce(ctx context.Context, s *scope) {
	for _, e := range transitions(s.reported, s.lab) {
		r.tell(ctx, s.lab, e)
	}
}

// tell records an event on a Lab, and logs it.
func (r *Reconciler) tell(ctx context.Context, lab *v1alpha1.Lab, e event) {
	r.Recorder.Eventf(lab, nil, e.kind, e.reason, e.action, "%s", e.note)
	log.FromContext(ctx).Info(e.note, "type", e.kind, "reason", e.reason, "action", e.action)
}
