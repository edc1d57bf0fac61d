package workshop

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// stage is where in time an attendee is.
type stage int

const (
	// early is before anything is provisioned.
	early stage = iota
	// ahead has labs set up, and gives no access yet.
	ahead
	// open gives access.
	open
	// closed gives none any more.
	closed
	// removed has nothing left but the results.
	removed
)

// schedule says when an attendee comes to which stage.
type schedule struct {
	provisions, opens, closes time.Time
	removes                   time.Time // zero for never
}

// scheduleOf an attendee.
func scheduleOf(workshop *v1beta1.Workshop, one v1beta1.Attendee) schedule {
	spec := &workshop.Spec
	opens := workshop.CreationTimestamp.Time
	if spec.OpensAt != nil {
		opens = spec.OpensAt.Time
	}
	closes := roster.ClosesAt(workshop, one)
	t := schedule{provisions: opens.Add(-length(spec.LeadTime)), opens: opens, closes: closes}
	if spec.TTLAfterClosed != nil {
		t.removes = closes.Add(spec.TTLAfterClosed.Duration)
	}
	return t
}

// at is the stage at a moment, and the moment of the next one; zero where none follows.
func (t schedule) at(now time.Time) (stage, time.Time) {
	switch {
	case !t.removes.IsZero() && !now.Before(t.removes):
		return removed, time.Time{}
	case !now.Before(t.closes):
		return closed, t.removes
	case !now.Before(t.opens):
		return open, t.closes
	case !now.Before(t.provisions):
		return ahead, t.opens
	default:
		return early, t.provisions
	}
}

// phaseOf a workshop is the stage of those who are in it longest.
func phaseOf(s stage) v1beta1.WorkshopPhase {
	switch s {
	case early:
		return v1beta1.WorkshopScheduled
	case ahead:
		return v1beta1.WorkshopProvisioning
	case open:
		return v1beta1.WorkshopOpen
	case closed:
		return v1beta1.WorkshopClosed
	default:
		return v1beta1.WorkshopRemoved
	}
}

// length of a duration that may be left out.
func length(d *metav1.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.Duration
}
