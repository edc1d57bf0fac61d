package workshop

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/export"
)

// maxNote is the length of the longest note of an event, in bytes.
const maxNote = 1024

// stalledNote names the lab of an attendee whose author or platform is at fault.
func (s *scope) stalledNote(a *attendee) note {
	for _, asked := range s.workshop.Spec.Labs {
		lab := a.labs[asked.Name]
		if lab != nil && holds(lab, v1alpha1.ConditionStalled) {
			stalled := meta.FindStatusCondition(lab.Status.Conditions, v1alpha1.ConditionStalled)
			return note{a.handle, "LabStalled", fmt.Sprintf("Lab %s of %s is stalled: %s", lab.Name, a.called(), stalled.Message)}
		}
	}
	return note{}
}

// toldOf are the conditions whose changes are told. All but the first two are about trouble, and its end is no news.
var toldOf = []string{
	v1alpha1.ConditionProvisioned, v1alpha1.ConditionOpen, v1alpha1.ConditionStalled,
	v1alpha1.ConditionChangePending, v1alpha1.ConditionCrowded, v1alpha1.ConditionDeleting,
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
func (r *Reconciler) announce(s *scope) {
	for _, kind := range toldOf {
		was := meta.FindStatusCondition(s.before.Status.Conditions, kind)
		is := meta.FindStatusCondition(s.workshop.Status.Conditions, kind)
		trouble := kind != v1alpha1.ConditionProvisioned && kind != v1alpha1.ConditionOpen
		if is == nil || trouble && is.Status == metav1.ConditionFalse || (was != nil && was.Status == is.Status && was.Reason == is.Reason) {
			continue
		}
		severity := corev1.EventTypeNormal
		if trouble && is.Reason != v1alpha1.ReasonRemoving || is.Reason == v1alpha1.ReasonOutOfQuota {
			severity = corev1.EventTypeWarning
		}
		r.Recorder.Eventf(s.workshop, nil, severity, is.Reason, "Reconcile", "%s", bounded(is.Message))
	}
	if renewed := s.renewed(); renewed > 0 {
		r.Recorder.Eventf(s.workshop, nil, corev1.EventTypeNormal, "KubeconfigsRenewed", "Reconcile",
			"The kubeconfigs of %d attendees were renewed: hand them out again by kubectl lab kubeconfig", renewed)
	}
	told := map[string]string{}
	for _, note := range s.notes {
		at := note.handle + " " + note.reason
		told[at] = note.text
		if s.memory.told[at] != note.text {
			// What was done names the attendee: events that agree in all but their notes are counted as one.
			r.Recorder.Eventf(s.workshop, nil, corev1.EventTypeWarning, note.reason, "Attendee/"+note.handle, "%s", bounded(note.text))
		}
	}
	s.memory.told = told
}

// bounded is a note as an event can have it. It quotes what attendees wrote: nothing that a terminal obeys is left.
func bounded(text string) string {
	text = export.Line(text)
	if len(text) > maxNote {
		text = strings.ToValidUTF8(text[:maxNote-3], "") + "..."
	}
	return text
}
