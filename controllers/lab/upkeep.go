package lab

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/lab-operator/lab-operator/internal/outage"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

// upkeepRecheck is how often a write is tried again that was refused.
const upkeepRecheck = time.Minute

// upkeep is what this process knows of an object that the operator keeps for a Lab next to its status: its LabResult, or its
// LabReview. A write that the API server refuses holds nothing up: it is told, and tried again from time to time.
type upkeep struct {
	refused   string    // why the last write was refused, at the time below; empty where it was not
	refusedAt time.Time // zero where no write was refused
	failing   time.Time // since when writes have failed in ways that may pass
}

// maintain writes such an object, unless a refusal was just met. What and reason name it where the write is refused.
func (r *Reconciler) maintain(ctx context.Context, s *scope, u *upkeep, what, reason string, write func() error) error {
	before := u.refused
	if since := s.now.Sub(u.refusedAt); before != "" && since >= 0 && since < upkeepRecheck {
		s.again(upkeepRecheck - since)
		return nil
	}
	err := write()
	kind, who := refusal.Of(err)
	switch {
	case err == nil:
		*u = upkeep{}
	case u.mayPass(kind, s.now):
		return err
	default:
		u.refusedAt = s.now
		u.refused = fmt.Sprintf("%s: %v", what, err)
		if advice := refusal.Advice(kind, who); advice != "" {
			u.refused += ". " + advice
		}
		s.again(upkeepRecheck)
		if u.refused != before {
			r.tell(ctx, s.lab, event{corev1.EventTypeWarning, reason, "Record", bounded(u.refused)})
		}
	}
	if u.refused != before {
		// The condition Stalled tells of it, or no longer does.
		s.again(flapWindow)
	}
	return nil
}

// mayPass tells whether to try a write again soon: nobody refuses it, and it has not been failing for long.
func (u *upkeep) mayPass(kind refusal.Kind, now time.Time) bool {
	if kind != refusal.None && kind != refusal.Passing && kind != refusal.WebhookDown {
		return false
	}
	return age(&u.failing, now) < outage.After
}
