package workshop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

// maxNamed is how many attendees a message names: a room in trouble is told in a line.
const maxNamed = 3

// conclude sets every field and every condition of the status, each time, from what was found.
func (s *scope) conclude() {
	status := &s.workshop.Status
	status.ObservedGeneration = s.workshop.Generation
	status.Attendees = int32(len(s.attendees))
	status.Ready, status.Started, status.Completed = s.summary.ready, s.summary.started, s.summary.completed
	status.Stuck, status.Stalled = s.summary.stuck, s.summary.stalled
	status.MedianScorePercent, status.Phase = s.summary.median, s.summary.phase
	closes := metav1.NewTime(s.summary.closesAt.Truncate(time.Second))
	status.ClosesAt = &closes
	status.Summary = v1beta1.WorkshopSummary{}
	if s.summary.median != nil {
		status.Summary.MedianScore = fmt.Sprintf("%d%%", *s.summary.median)
	}
	s.set(v1beta1.ConditionProvisioned, s.provisioned())
	s.set(v1beta1.ConditionOpen, s.opened())
	s.set(v1beta1.ConditionStalled, s.stalled())
	s.set(v1beta1.ConditionChangePending, s.changePending())
	s.set(v1beta1.ConditionCrowded, s.crowded())
	status.PendingChange = s.change.pending
}

func (s *scope) provisioned() conditions.State {
	all := int32(len(s.attendees))
	have := fmt.Sprintf("%d of %d attendees have their labs", s.summary.provisioned, all)
	switch s.summary.phase {
	case v1beta1.WorkshopScheduled:
		return conditions.False(v1beta1.ReasonScheduled,
			fmt.Sprintf("Labs are set up %s before the workshop opens", length(s.workshop.Spec.LeadTime)))
	case v1beta1.WorkshopClosed:
		return conditions.False(v1beta1.ReasonClosed,
			"The workshop has closed: nothing more is set up. To go on, extend it by spec.extendBy or spec.closesAt")
	case v1beta1.WorkshopRemoved:
		return conditions.False(v1beta1.ReasonClosed, "The attendees' namespaces were removed as spec.ttlAfterClosed asks; the results are kept")
	}
	switch {
	case len(s.failures) > 0:
		return conditions.False(s.failures[0].reason, have+"; "+s.failed())
	case s.summary.provisioned < all && s.lasting != "":
		return conditions.False(v1beta1.ReasonProvisioning, have+"; this "+s.lasting)
	case s.summary.provisioned < all:
		return conditions.False(v1beta1.ReasonProvisioning, have)
	default:
		return conditions.True(v1beta1.ReasonProvisioned, have)
	}
}

// failed says for whom what could not be made, and what happens next.
func (s *scope) failed() string {
	var told []string
	for _, f := range s.failures[:min(len(s.failures), maxNamed)] {
		told = append(told, fmt.Sprintf("for %s: %s", f.attendee.shownName(), f.message))
	}
	if more := len(s.failures) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and for %d more", more))
	}
	return strings.Join(told, "; ") + ". It is tried again until it works"
}

func (s *scope) opened() conditions.State {
	switch s.summary.phase {
	case v1beta1.WorkshopScheduled, v1beta1.WorkshopProvisioning:
		return conditions.False(v1beta1.ReasonScheduled, "The workshop is not open yet: attendees get their kubeconfigs when it opens")
	case v1beta1.WorkshopOpen:
		admitted := 0
		for _, a := range s.attendees {
			if a.stage == open && a.account != nil {
				admitted++
			}
		}
		message := fmt.Sprintf("%d of %d attendees have access: kubectl lab kubeconfig hands out their kubeconfigs", admitted, len(s.workshop.Spec.Attendees))
		if !s.goodUntil.IsZero() {
			message += fmt.Sprintf(". The cluster's tokens are shorter than the workshop: files are good until %s at least. "+
				"Kubeconfigs are renewed before that: hand them out again then", s.goodUntil.UTC().Format(time.RFC3339))
		}
		return conditions.True(v1beta1.ReasonOpen, message)
	default:
		return conditions.False(v1beta1.ReasonClosed, "The workshop has closed: attendees have no access any more")
	}
}

func (s *scope) stalled() conditions.State {
	switch {
	case s.skew != 0:
		return conditions.True(v1beta1.ReasonClockSkew, s.skewed())
	case s.refused != nil:
		return *s.refused
	case s.missing != "":
		return conditions.True(v1beta1.ReasonExerciseNotFound, "Nobody is given labs: "+s.missing+". Install it, or correct spec.labTemplates")
	case len(s.failures) > 0 && s.failures[0].reason != v1beta1.ReasonOutOfQuota:
		return conditions.True(s.failures[0].reason, "What some attendees get cannot be made: "+s.failed())
	case s.lasting != "":
		return conditions.True(v1beta1.ReasonPlatformFailing, "Work on this workshop "+s.lasting)
	default:
		return conditions.False(v1beta1.ReasonNone, "Nothing is wrong with the workshop or the platform")
	}
}

func (s *scope) set(kind string, c conditions.State) {
	conditions.Set(&s.workshop.Status.Conditions, kind, c, s.workshop.Generation, s.now)
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
