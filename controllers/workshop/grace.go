package workshop

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/progress"
)

// grace is how long an edit that deletes attendees' work waits. It can be reverted until then.
const grace = 10 * time.Minute

// change is what an edit of the spec deletes.
type change struct {
	labs         []loss // Labs with all that is in them
	environments []loss // what runs in Labs, which stay
	pending      *v1beta1.PendingChange
	held         bool // it waits, and nothing of it is done
}

// loss is what one attendee loses.
type loss struct {
	attendee *attendee
	lab      string
}

// delayLosses looks for work that would be deleted now. What comes with the time, as the close that the spec has named for long, is
// done at once. What comes with an edit waits for a grace period: a roster that was emptied by mistake is put back then, and
// nothing has happened. The end of it is kept in the status, so a restart of the operator changes nothing.
func (r *Reconciler) delayLosses(_ context.Context, s *scope) error {
	s.change.pending, s.change.held = nil, false
	status, generation := &s.before.Status, s.workshop.Generation
	sudden := s.losses() || status.ObservedGeneration != generation
	if len(s.change.labs)+len(s.change.environments) == 0 {
		return nil
	}
	ends := metav1.NewTime(s.now.Add(grace).Truncate(time.Second))
	pending := status.PendingChange
	switch {
	case pending == nil && !sudden:
		return nil
	case pending == nil || pending.Generation != generation:
		// An earlier edit that was waiting is part of this one: it waits anew, so that each can be seen before it counts.
		pending = &v1beta1.PendingChange{Generation: generation, AppliesAt: ends}
	case ends.Before(&pending.AppliesAt):
		pending = &v1beta1.PendingChange{Generation: generation, AppliesAt: ends} // A clock was ahead.
	}
	s.change.pending = pending
	s.change.held = !s.confirmed() && s.now.Before(pending.AppliesAt.Time)
	if s.change.held {
		s.at(pending.AppliesAt.Time)
	}
	return nil
}

// confirmed tells whether somebody has asked for the edit to be applied now.
func (s *scope) confirmed() bool {
	return s.workshop.Annotations[v1beta1.ConfirmAnnotation] == strconv.FormatInt(s.workshop.Generation, 10)
}

// losses lists the work that would be deleted now, and tells whether some of it goes for another reason than the time.
func (s *scope) losses() (sudden bool) {
	s.change.labs, s.change.environments = nil, nil
	for _, a := range append(s.attendees, s.removedAttendees...) {
		for _, step := range due(s, a) {
			if !s.deletesWork(a, step) {
				continue
			}
			if step.closes() {
				s.change.environments = append(s.change.environments, loss{a, step.lab})
			} else {
				s.change.labs = append(s.change.labs, loss{a, step.lab})
			}
			sudden = sudden || !s.isTimed(a, step)
		}
	}
	return sudden
}

// deletesWork tells whether a step deletes what an attendee may have worked on.
func (s *scope) deletesWork(a *attendee, step step) bool {
	lab := a.labs[step.lab]
	if !step.destroys() || lab == nil || !lab.DeletionTimestamp.IsZero() {
		return false
	}
	// Before the opening nobody has access, so nobody has worked.
	return a.stage != ahead || a.account != nil || progress.Started(&lab.Status)
}

// isTimed tells whether a step is due because an attendee's time is over.
func (s *scope) isTimed(a *attendee, step step) bool {
	if a.offRoster {
		return false
	}
	return a.stage == removed || step.closes()
}

// permitted are the steps that don't have to wait.
func (s *scope) permitted(a *attendee) []step {
	var steps []step
	for _, step := range due(s, a) {
		if s.change.held && s.deletesWork(a, step) {
			continue
		}
		steps = append(steps, step)
	}
	return steps
}

// changePending says what an edit deletes, when, and what can be done about it.
func (s *scope) changePending() conditions.State {
	pending := s.change.pending
	if pending == nil {
		return conditions.False(v1beta1.ReasonNone, "No edit waits to delete work of attendees")
	}
	var lost []string
	again := ""
	if len(s.change.labs) > 0 {
		again = " (attendees who left the roster have lost their access: hand kubeconfigs out again then)"
		lost = append(lost, "the labs "+named(s.change.labs))
	}
	if len(s.change.environments) > 0 {
		lost = append(lost, "what runs in the labs "+named(s.change.environments))
	}
	deletes := fmt.Sprintf("The spec of generation %d deletes %s. Results are kept", pending.Generation, strings.Join(lost, ", and "))
	if !s.change.held {
		return conditions.True(v1beta1.ReasonApplying, deletes+". The grace period is over: it is being done")
	}
	return conditions.True(v1beta1.ReasonGracePeriod, fmt.Sprintf(
		"%s. It waits until %s. To undo the edit, revert it before%s. To apply it now: kubectl -n %s annotate workshop %s %s=%d --overwrite",
		deletes, pending.AppliesAt.UTC().Format(time.RFC3339), again, s.key.Namespace, s.key.Name, v1beta1.ConfirmAnnotation, pending.Generation))
}

// named lists labs by attendee: the first few, and how many more there are.
func named(losses []loss) string {
	var order []*attendee
	labs := map[*attendee][]string{}
	for _, one := range losses {
		if labs[one.attendee] == nil {
			order = append(order, one.attendee)
		}
		labs[one.attendee] = append(labs[one.attendee], one.lab)
	}
	var told []string
	for _, a := range order[:min(len(order), maxNamed)] {
		told = append(told, fmt.Sprintf("%s of %s", strings.Join(labs[a], ", "), a.shownName()))
	}
	if more := len(order) - maxNamed; more > 0 {
		told = append(told, fmt.Sprintf("and those of %d more", more))
	}
	return strings.Join(told, "; ")
}
