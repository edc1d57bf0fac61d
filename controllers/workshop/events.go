package workshop

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// maxNote is the length of the longest note of an event, in bytes.
const maxNote = 1024

// stalledNote names the lab of an attendee whose author or platform is at fault.
func (s *scope) stalledNote(a *attendee) note {
	for _, template := range s.workshop.Spec.LabTemplates {
		lab := a.labs[template.Name]
		if lab != nil && isTrue(lab, v1beta1.ConditionStalled) {
			stalled := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionStalled)
			return note{a.handle, v1beta1.EventLabStalled, fmt.Sprintf("Lab %s of %s is stalled: %s", lab.Name, a.shownName(), stalled.Message)}
		}
	}
	return note{}
}

// toldOf are the conditions whose changes are told. All but the first two are about trouble, and its end is no news.
var toldOf = []string{
	v1beta1.ConditionProvisioned, v1beta1.ConditionOpen, v1beta1.ConditionStalled,
	v1beta1.ConditionChangePending, v1beta1.ConditionCrowded, v1beta1.ConditionDeleting,
}

// renewed is how many attendees were given another kubeconfig.
func (s *scope) renewed() int {
	renewed := 0
	for _, a := range s.attendees {
		if a.renewed {
			renewed++
		}
	}
	return renewed
}

// announce tells what changed, once it is written: of the workshop, and of attendees who need somebody. Each is told once.
func (r *Reconciler) announce(ctx context.Context, s *scope) {
	for _, kind := range toldOf {
		was := meta.FindStatusCondition(s.before.Status.Conditions, kind)
		is := meta.FindStatusCondition(s.workshop.Status.Conditions, kind)
		trouble := kind != v1beta1.ConditionProvisioned && kind != v1beta1.ConditionOpen
		if is == nil || trouble && is.Status == metav1.ConditionFalse || (was != nil && was.Status == is.Status && was.Reason == is.Reason) {
			continue
		}
		severity := corev1.EventTypeNormal
		if trouble && is.Reason != v1beta1.ReasonRemoving || is.Reason == v1beta1.ReasonOutOfQuota {
			severity = corev1.EventTypeWarning
		}
		r.tell(ctx, s.workshop, severity, is.Reason, "Reconcile", is.Message)
	}
	if renewed := s.renewed(); renewed > 0 {
		r.tell(ctx, s.workshop, corev1.EventTypeNormal, v1beta1.EventKubeconfigsRenewed, "Reconcile",
			fmt.Sprintf("The kubeconfigs of %d attendees were renewed: hand them out again by kubectl lab kubeconfig", renewed))
	}
	told := map[string]string{}
	for _, note := range s.notes {
		at := note.handle + " " + note.reason
		told[at] = note.text
		if s.memory.told[at] != note.text {
			// What was done names the attendee: events that agree in all but their notes are counted as one.
			r.tell(ctx, s.workshop, corev1.EventTypeWarning, note.reason, "Attendee/"+note.handle, note.text)
		}
	}
	s.memory.told = told
}

// tell records an event on a Workshop, and logs it.
func (r *Reconciler) tell(ctx context.Context, workshop *v1beta1.Workshop, severity, reason, action, text string) {
	text = bounded(text)
	r.Recorder.Eventf(workshop, nil, severity, reason, action, "%s", text)
	log.FromContext(ctx).Info(text, "type", severity, "reason", reason, "action", action)
}

// bounded is a note as an event can have it. It quotes what attendees wrote: nothing that a terminal obeys is left.
func bounded(note string) string {
	return text.TruncateBytes(text.OneLine(note, text.NoLimit), maxNote)
}
