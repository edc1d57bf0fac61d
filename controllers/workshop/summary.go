package workshop

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/progress"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// summary is the attendees of the roster, counted.
type summary struct {
	provisioned, ready, started, completed, stuck, stalled int32
	median                                                 *int32
	phase                                                  v1beta1.WorkshopPhase
	closesAt                                               time.Time
}

// note is what a facilitator wants to be told about an attendee, once.
type note struct {
	handle string
	reason string
	text   string
}

// summarize sums up who is where.
func (r *Reconciler) summarize(_ context.Context, s *scope) error {
	// The phase is that of who is in it longest; with nobody there yet, what it would be for anybody.
	times := scheduleOf(s.workshop, v1beta1.Attendee{})
	latest, next := times.at(s.now)
	s.summary.closesAt = times.closes
	if !next.IsZero() {
		s.at(next)
	}
	for _, a := range s.attendees {
		latest = min(latest, a.stage)
	}
	s.summary.phase = phaseOf(latest)
	var scores []int32
	for _, a := range s.attendees {
		s.findWaiting(a)
		s.noteExpiry(a)
		scores = append(scores, s.summarizeAttendee(a))
		if a.closesAt.After(s.summary.closesAt) {
			s.summary.closesAt = a.closesAt
		}
	}
	if s.summary.started > 0 {
		s.summary.median = ptr.To(median(scores))
	}
	return nil
}

// summarizeAttendee adds an attendee to the summary, and returns the score: the mean over all labs.
func (s *scope) summarizeAttendee(a *attendee) int32 {
	templates := s.workshop.Spec.LabTemplates
	score, started, completed := int32(0), false, true
	provisioned, stalled := true, false
	for _, template := range templates {
		lab := a.labs[template.Name]
		p := s.progressOf(a, template.Name)
		score += p.ScorePercent
		started = started || p.Started
		completed = completed && p.CompletedAt != nil
		provisioned = provisioned && lab != nil && (isTrue(lab, v1beta1.ConditionProvisioned) || lab.Status.Phase == v1beta1.LabAbsent)
		stalled = stalled || lab != nil && isTrue(lab, v1beta1.ConditionStalled)
	}
	increment(&s.summary.provisioned, provisioned)
	increment(&s.summary.ready, provisioned && (a.stage == ahead || a.stage == open) && up(&s.workshop.Spec, a))
	increment(&s.summary.started, started)
	increment(&s.summary.completed, completed)
	increment(&s.summary.stalled, stalled)
	if stalled {
		s.notes = append(s.notes, s.stalledNote(a))
	}
	if a.stage == open && !completed {
		increment(&s.summary.stuck, s.isStuck(a))
	}
	return score / int32(len(templates))
}

// noteExpiry notes when the first kubeconfig expires of those that do so before the close.
func (s *scope) noteExpiry(a *attendee) {
	expires := timeIn(a, v1beta1.KubeconfigExpiresAnnotation)
	if a.stage != open || expires.IsZero() || !expires.Before(a.closesAt.Truncate(time.Second)) {
		return
	}
	if s.goodUntil.IsZero() || expires.Before(s.goodUntil) {
		s.goodUntil = expires
	}
}

func increment(counter *int32, counts bool) {
	if counts {
		*counter++
	}
}

// progressOf is how far an attendee is with one lab, by the Lab and by its LabResult. Either may be gone.
func (s *scope) progressOf(a *attendee, template string) progress.Progress {
	var status *v1beta1.LabStatus
	if lab := a.labs[template]; lab != nil {
		status = &lab.Status
	}
	var recorded *v1beta1.LabResultSpec
	if result := s.results[roster.ResultName(s.key.Name, a.handle, template, s.exercises[template])]; result != nil {
		recorded = &result.Spec
	}
	return progress.Of(status, recorded)
}

// isStuck tells whether an attendee has come no further for long, and notes at what. Who works on one lab leaves the
// others alone: what counts is the last progress in any of them.
func (s *scope) isStuck(a *attendee) bool {
	last := scheduleOf(s.workshop, a.Attendee).opens
	var at *v1beta1.Lab
	for _, template := range s.workshop.Spec.LabTemplates {
		lab := a.labs[template.Name]
		if lab == nil || lab.Status.StartedAt == nil || lab.Status.CompletedAt != nil {
			continue
		}
		if at == nil {
			at = lab
		}
		if came := progress.LastAt(&lab.Status); came.After(last) {
			last, at = came, lab
		}
	}
	if at == nil {
		return false
	}
	task := progress.OpenTask(&at.Status)
	stuckAfter := length(s.workshop.Spec.StuckAfter)
	if task == nil || stuckAfter == 0 {
		return false
	}
	if s.now.Sub(last) < stuckAfter {
		s.at(last.Add(stuckAfter))
		return false
	}
	text := fmt.Sprintf("%s has been at task %s of lab %s for more than %s", a.shownName(), task.Name, at.Name, stuckAfter)
	if task.Expected != "" {
		text += fmt.Sprintf(": expected: %s; observed: %s", task.Expected, task.Observed)
	}
	s.notes = append(s.notes, note{a.handle, v1beta1.EventAttendeeStuck, text})
	return true
}

// median of scores; of an even number the mean of the two in the middle.
func median(scores []int32) int32 {
	slices.Sort(scores)
	half := len(scores) / 2
	if len(scores)%2 == 1 {
		return scores[half]
	}
	return (scores[half-1] + scores[half]) / 2
}
