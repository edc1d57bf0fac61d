package workshop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/export"
)

// maxNamed is how many attendees a message names: a room in trouble is told in a line.
const maxNamed = 3

// conclude sets every field and every condition of the status, each time, from what was found.
func (s *scope) conclude() {
	status := &s.workshop.Status
	status.ObservedGeneration = s.workshop.Generation
	status.Attendees = int32(len(s.attendees))
	status.Ready, status.Started, status.Completed = s.tally.ready, s.tally.started, s.tally.completed
	status.Stuck, status.Stalled = s.tally.stuck, s.tally.stalled
	status.MedianScorePercent, status.Phase = s.tally.median, s.tally.phase
	closes := metav1.NewTime(s.tally.closesAt.Truncate(time.Second))
	status.ClosesAt = &closes
	status.Summary = v1alpha1.WorkshopSummary{}
	if s.tally.median != nil {
		status.Summary.MedianScore = fmt.Sprintf("%d%%", *s.tally.median)
	}
	s.set(v1alpha1.ConditionProvisioned, s.provisioned())
	s.set(v1alpha1.ConditionOpen, s.opened())
	s.set(v1alpha1.ConditionStalled, s.stalled())
	s.set(v1alpha1.ConditionChangePending, s.changePending())
	s.set(v1alpha1.ConditionCrowded, s.crowded())
	status.PendingChange = s.change.pending
}

// condition is the variable part of a condition.
type condition struct {
	status  metav1.ConditionStatus
	reason  string
	message string
}

func (s *scope) provisioned() condition {
	all := int32(len(s.attendees))
	have := fmt.Sprintf("%d of %d attendees have their labs", s.tally.provisioned, all)
	switch s.tally.phase {
	case v1alpha1.WorkshopScheduled:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonScheduled,
			fmt.Sprintf("Labs are set up %s before the workshop opens", length(s.workshop.Spec.ProvisionAhead))}
	case v1alpha1.WorkshopClosed:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonClosed,
			"The workshop has closed: nothing more is set up. To go on, extend it by spec.extendBy or spec.closesAt"}
	case v1alpha1.WorkshopRemoved:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonClosed, "The attendees' namespaces were removed as spec.onClose asks; the results are kept"}
	}
	switch {
	case len(s.failures) > 0:
		return condition{metav1.ConditionFalse, s.failures[0].reason, have + "; " + s.failed()}
	case s.tally.provisioned < all:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonProvisioning, have}
	default:
		return condition{metav1.ConditionTrue, v1alpha1.ReasonProvisioned, have}
	}
}

// failed says for whom what could not be made, and what happens next.
func (s *scope) failed() string {
	var told []string
	for _, f := range s.failures[:min(len(s.failures), maxNamed)] {
		told = append(told, fmt.Sprintf("for %s: %s", f.attendee.called(), f.message))
	}
	if more := len(s.failures) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and for %d more", more))
	}
	return strings.Join(told, "; ") + ". It is tried again until it works"
}

func (s *scope) opened() condition {
	switch s.tally.phase {
	case v1alpha1.WorkshopScheduled, v1alpha1.WorkshopProvisioning:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonScheduled, "The workshop is not open yet: attendees get their kubeconfigs when it opens"}
	case v1alpha1.WorkshopOpen:
		message := "Attendees have access: kubectl lab kubeconfig hands out their kubeconfigs"
		if !s.goodUntil.IsZero() {
			message += fmt.Sprintf(". The cluster's tokens are shorter than the workshop: files are good until %s at least. "+
				"Kubeconfigs are renewed before that: hand them out again then", s.goodUntil.UTC().Format(time.RFC3339))
		}
		return condition{metav1.ConditionTrue, v1alpha1.ReasonOpen, message}
	default:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonClosed, "The workshop has closed: attendees have no access any more"}
	}
}

func (s *scope) stalled() condition {
	switch {
	case s.skew != 0:
		return condition{metav1.ConditionTrue, v1alpha1.ReasonClockSkew, s.skewed()}
	case s.refused != nil:
		return *s.refused
	case s.missing != "":
		return condition{metav1.ConditionTrue, v1alpha1.ReasonExerciseNotFound, "Nobody is given labs: " + s.missing + ". Install it, or correct spec.labs"}
	case len(s.failures) > 0 && s.failures[0].reason != v1alpha1.ReasonOutOfQuota:
		return condition{metav1.ConditionTrue, s.failures[0].reason, "What some attendees get cannot be made: " + s.failed()}
	default:
		return condition{metav1.ConditionFalse, v1alpha1.ReasonNone, "Nothing is wrong with the workshop or the platform"}
	}
}

func (s *scope) set(kind string, c condition) {
	const longest = 32768 // bytes, the bound of the API
	// Messages quote what others wrote, and kubectl prints them as they are.
	c.message = export.Line(c.message)
	if len(c.message) > longest {
		c.message = strings.ToValidUTF8(c.message[:longest], "")
	}
	now := metav1.NewTime(s.now.Truncate(time.Second))
	meta.SetStatusCondition(&s.workshop.Status.Conditions, metav1.Condition{
		Type: kind, Status: c.status, Reason: c.reason, Message: c.message,
		ObservedGeneration: s.workshop.Generation, LastTransitionTime: now,
	})
}

// write is the only place where the status of a Workshop is written. It fails on one that changed since it was read.
func (r *Reconciler) write(ctx context.Context, s *scope) error {
	if equality.Semantic.DeepEqual(s.before.Status, s.workshop.Status) {
		return nil
	}
	patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Status().Patch(ctx, s.workshop, patch, client.FieldOwner(Owner)); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}
