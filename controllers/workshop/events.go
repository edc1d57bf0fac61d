package workshop

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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

// announce tells what changed, once it is written: of the workshop, and of attendees who need somebody. Each is told once.
func (r *Reconciler) announce(s *scope) {
	for _, kind := range []string{v1alpha1.ConditionProvisioned, v1alpha1.ConditionOpen, v1alpha1.ConditionStalled} {
		was := meta.FindStatusCondition(s.before.Status.Conditions, kind)
		is := meta.FindStatusCondition(s.workshop.Status.Conditions, kind)
		quiet := kind == v1alpha1.ConditionStalled && is.Status == metav1.ConditionFalse
		if quiet || (was != nil && was.Status == is.Status && was.Reason == is.Reason) {
			continue
		}
		severity := corev1.EventTypeNormal
		if kind == v1alpha1.ConditionStalled || is.Reason == v1alpha1.ReasonOutOfQuota {
			severity = corev1.EventTypeWarning
		}
		r.Recorder.Eventf(s.workshop, nil, severity, is.Reason, "Reconcile", "%s", bounded(is.Message))
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

func bounded(text string) string {
	if len(text) > maxNote {
		text = strings.ToValidUTF8(text[:maxNote-3], "") + "..."
	}
	return text
}
