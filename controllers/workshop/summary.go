package workshop

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// summary is the attendees of the roster, counted.
type summary struct {
	provisioned, ready, started, completed, stuck, stalled int32
	median                                                 *int32
	phase                                                  v1alpha1.WorkshopPhase
	closesAt                                               time.Time
}

// note is what a facilitator wants to be told about an attendee, once.
type note struct {
	handle string
	reason string
	text   string
}

// progress is how far an attendee is with one lab, by the Lab or, where that is gone, by its Result.
type progress struct {
	started, completed bool
	score              int32
}

// summarize sums up who is where.
func (r *Reconciler) summarize(_ context.Context, s *scope) error {
	// The phase is that of who is in it longest; with nobody there yet, what it would be for anybody.
	times := scheduleOf(s.workshop, v1alpha1.Attendee{})
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
	labs := s.workshop.Spec.Labs
	all := progress{completed: true}
	provisioned, stalled := true, false
	for _, asked := range labs {
		lab := a.labs[asked.Name]
		p := s.progressOf(a, asked)
		all.started = all.started || p.started
		all.completed = all.completed && p.completed
		all.score += p.score
		provisioned = provisioned && lab != nil && (isTrue(lab, v1alpha1.ConditionProvisioned) || lab.Status.Phase == v1alpha1.LabAbsent)
		stalled = stalled || lab != nil && isTrue(lab, v1alpha1.ConditionStalled)
	}
	increment(&s.summary.provisioned, provisioned)
	increment(&s.summary.ready, provisioned && (a.stage == ahead || a.stage == open) && up(&s.workshop.Spec, a))
	increment(&s.summary.started, all.started)
	increment(&s.summary.completed, all.completed)
	increment(&s.summary.stalled, stalled)
	if stalled {
		s.notes = append(s.notes, s.stalledNote(a))
	}
	if a.stage == open && !all.completed {
		increment(&s.summary.stuck, s.isStuck(a))
	}
	return all.score / int32(len(labs))
}

// noteExpiry notes when the first kubeconfig expires of those that do so before the close.
func (s *scope) noteExpiry(a *attendee) {
	expires := timeIn(a, v1alpha1.KubeconfigExpiresAnnotation)
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

func (s *scope) progressOf(a *attendee, asked v1alpha1.WorkshopLab) progress {
	if lab := a.labs[asked.Name]; lab != nil && len(lab.Status.Tasks) > 0 {
		return progress{started: startedOn(lab), completed: lab.Status.CompletedAt != nil, score: lab.Status.ScorePercent}
	}
	result := s.results[roster.ResultName(s.key.Name, a.handle, asked.Name, s.exercises[asked.Name])]
	if result == nil {
		return progress{}
	}
	return progress{started: true, completed: result.Spec.CompletedAt != nil, score: result.Spec.ScorePercent}
}

// startedOn tells whether an attendee has done something in a Lab that counts.
func startedOn(lab *v1alpha1.Lab) bool {
	return slices.ContainsFunc(lab.Status.Tasks, func(task v1alpha1.TaskStatus) bool { return task.PassedAt != nil }) ||
		slices.ContainsFunc(lab.Status.Questions, func(question v1alpha1.QuestionStatus) bool {
			return question.State == v1alpha1.StateRight || len(question.Tried) > 0
		})
}

// isStuck tells whether an attendee has come no further for long, and notes at what. Who works on one lab leaves the
// others alone: what counts is the last progress in any of them.
func (s *scope) isStuck(a *attendee) bool {
	last := scheduleOf(s.workshop, a.Attendee).opens
	var at *v1alpha1.Lab
	for _, asked := range s.workshop.Spec.Labs {
		lab := a.labs[asked.Name]
		if lab == nil || lab.Status.StartedAt == nil || lab.Status.CompletedAt != nil {
			continue
		}
		if at == nil {
			at = lab
		}
		if came := lastProgress(lab); came.After(last) {
			last, at = came, lab
		}
	}
	if at == nil {
		return false
	}
	task := openTask(at)
	stuckAfter := length(s.workshop.Spec.StuckAfter)
	if task == nil || stuckAfter == 0 {
		return false
	}
	if s.now.Sub(last) < stuckAfter {
		s.at(last.Add(stuckAfter))
		return false
	}
	text := fmt.Sprintf("%s has been at task %s of lab %s for more than %s", a.shownName(), task.Name, at.Name, stuckAfter)
	if task.Needed != "" {
		text += fmt.Sprintf(": needed: %s; seen: %s", task.Needed, task.Seen)
	}
	s.notes = append(s.notes, note{a.handle, v1alpha1.EventAttendeeStuck, text})
	return true
}

// lastProgress is when the attendee last came further in a Lab, or when it could first be worked on.
func lastProgress(lab *v1alpha1.Lab) time.Time {
	last := lab.Status.StartedAt.Time
	for _, task := range lab.Status.Tasks {
		if task.PassedAt != nil && task.PassedAt.After(last) {
			last = task.PassedAt.Time
		}
	}
	return last
}

func openTask(lab *v1alpha1.Lab) *v1alpha1.TaskStatus {
	at := slices.IndexFunc(lab.Status.Tasks, func(task v1alpha1.TaskStatus) bool { return task.State == v1alpha1.StatePending })
	if at < 0 {
		return nil
	}
	return &lab.Status.Tasks[at]
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
