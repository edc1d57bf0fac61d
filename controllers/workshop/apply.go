package workshop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

const (
	// concurrency is how many attendees of a workshop are handled at the same time.
	concurrency = 16
	// pageSize is how many are handled in one reconcile, before others have their turn.
	pageSize = 64
	// maxWait is how long an attendee whose labs do not get ready keeps the next ones waiting.
	maxWait = 5 * time.Minute
	// rightsDelay is how long a right may be refused that has been given, before it counts as lacking.
	rightsDelay = 10 * time.Second
)

// reconcileAttendees does what is due, for a bounded number of attendees. What fails for one is told, and keeps nobody else waiting.
func (r *Reconciler) reconcileAttendees(ctx context.Context, s *scope) error {
	type job struct {
		attendee *attendee
		steps    []step
	}
	var jobs []job
	for _, a := range slices.Concat(s.removedAttendees, s.eligible()) {
		steps := s.permitted(a)
		if len(steps) == 0 {
			continue
		}
		if len(jobs) == pageSize {
			s.again(requeueNext)
			break
		}
		jobs = append(jobs, job{a, steps})
	}
	failed := make([]error, len(jobs))
	var group errgroup.Group
	group.SetLimit(concurrency)
	for i, job := range jobs {
		group.Go(func() error {
			failed[i] = r.apply(ctx, s, job.attendee, job.steps)
			return nil
		})
	}
	_ = group.Wait() // The errors are in failed, each with its attendee.
	for i, err := range failed {
		handle := jobs[i].attendee.handle
		if err == nil {
			delete(s.memory.refused, handle)
			continue
		}
		reason, message := reasonOf(err)
		switch {
		case s.isYoung(err, handle):
			s.again(rightsRecheck)
		case errors.Is(err, errGoing):
			s.again(goneRecheck)
		case reason == "":
			s.retry = errors.Join(s.retry, fmt.Errorf("attendee %s: %w", handle, err))
		default:
			s.again(failedRecheck)
			s.failures = append(s.failures, failure{jobs[i].attendee, reason, message})
		}
	}
	return nil
}

// eligible are the attendees that are handled now, in the order of the roster: those who are being brought up, and as many more as
// spec.maxConcurrent allows. An attendee who is up, or closed, need not wait.
func (s *scope) eligible() []*attendee {
	var eligible []*attendee
	free := int(s.workshop.Spec.MaxConcurrent)
	for _, a := range s.attendees {
		if coming(s, a) && len(a.labs) > 0 && s.now.Sub(s.since(a)) < maxWait {
			free--
		}
	}
	for _, a := range s.attendees {
		if coming(s, a) && len(a.labs) == 0 {
			if s.missing != "" || s.refused != nil || free <= 0 {
				continue
			}
			free--
			s.since(a)
		}
		eligible = append(eligible, a)
	}
	return eligible
}

// coming tells whether an attendee is still to be brought up.
func coming(s *scope, a *attendee) bool {
	return (a.stage == ahead || a.stage == open) && !up(&s.workshop.Spec, a)
}

// since is when an attendee was begun to be brought up.
func (s *scope) since(a *attendee) time.Time {
	began, known := s.memory.begun[a.handle]
	if !known {
		began = s.now
		s.memory.begun[a.handle] = began
	}
	if maxWait > s.now.Sub(began) {
		s.at(began.Add(maxWait))
	}
	return began
}

// apply executes the steps for one attendee, one after the other.
func (r *Reconciler) apply(ctx context.Context, s *scope, a *attendee, steps []step) error {
	for _, step := range steps {
		if err := r.execute(ctx, s, a, step); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reconciler) execute(ctx context.Context, s *scope, a *attendee, step step) error {
	switch step.do {
	case createNamespace:
		return r.createNamespace(ctx, s, a)
	case bind:
		return r.bind(ctx, s, a)
	case makeLab:
		return r.makeLab(ctx, s, a, step.lab)
	case resizeLab:
		return r.changeLab(ctx, a.labs[step.lab], func(lab *v1beta1.Lab) { lab.Spec.Size = s.template(step.lab).Spec.Size })
	case closeLab:
		return r.closeLab(ctx, a.labs[step.lab])
	case cutLab:
		return r.cutLab(ctx, a.labs[step.lab])
	case reopenLab:
		return r.changeLab(ctx, a.labs[step.lab], func(lab *v1beta1.Lab) {
			if lab.Labels[v1beta1.ClosedLabel] == closedAbsent {
				lab.Spec.Environment = v1beta1.EnvironmentPresent
			}
			delete(lab.Labels, v1beta1.ClosedLabel)
		})
	case removeLab:
		return r.removeLab(ctx, a.labs[step.lab])
	case grantAccess:
		return r.grantAccess(ctx, s, a)
	case revokeAccess:
		return r.revokeAccess(ctx, s, a)
	case removeNamespace:
		return r.removeNamespace(ctx, s, a)
	default:
		return fmt.Errorf("there is no step %q", step.do)
	}
}

// reasonOf an error that somebody has to do something about, with a message that says who; empty for one that passes by
// itself.
func reasonOf(err error) (reason, message string) {
	if errors.Is(err, errTaken) {
		return v1beta1.ReasonNamespaceTaken, err.Error()
	}
	kind, who := refusal.Of(err)
	switch kind {
	case refusal.None, refusal.Passing:
		return "", ""
	case refusal.Quota:
		reason = v1beta1.ReasonOutOfQuota
	case refusal.Rights, refusal.OwnPolicy:
		reason = v1beta1.ReasonForbidden
	case refusal.Object:
		reason = v1beta1.ReasonAttendeesFailed
	default:
		reason = v1beta1.ReasonRefused
	}
	message = err.Error()
	if advice := refusal.Advice(kind, who); advice != "" {
		message += ". " + advice
	}
	return reason, message
}

// isYoung tells a right that has not spread yet to all API servers from one that is lacking. It goes by the operator's clock
// alone: the API server's may be another.
func (s *scope) isYoung(err error, handle string) bool {
	if kind, _ := refusal.Of(err); kind != refusal.Rights && kind != refusal.OwnPolicy {
		return false
	}
	since, known := s.memory.refused[handle]
	if !known {
		since = s.now
		s.memory.refused[handle] = since
	}
	return s.now.Sub(since) < rightsDelay
}
