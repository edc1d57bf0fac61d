package lab

import (
	"context"
	"fmt"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/progress"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// seatOf is the seat of a Lab with the attendee's name. The name is in the roster, or else, for somebody who was taken out of
// it, in what was recorded before. What stands on the Lab itself does not count: its learner can write it.
func (r *Reconciler) seatOf(ctx context.Context, lab *v1beta1.Lab) (roster.Seat, bool, error) {
	seat, seated := roster.SeatOf(lab)
	if !seated || !progress.Started(&lab.Status) {
		return seat, seated, nil
	}
	workshop, err := get(ctx, r.Client, seat.Workshop, &v1beta1.Workshop{})
	if err != nil {
		return seat, seated, fmt.Errorf("read workshop: %w", err)
	}
	if seat.Attendee = roster.NameOf(workshop, seat.Handle); seat.Attendee != seat.Handle {
		return seat, seated, nil
	}
	kept, err := get(ctx, r.Client, resultKey(lab, seat), &v1beta1.LabResult{})
	if err != nil {
		return seat, seated, fmt.Errorf("read result: %w", err)
	}
	if kept != nil && roster.Handle(kept.Spec.Attendee) == seat.Handle {
		seat.Attendee = kept.Spec.Attendee
	}
	return seat, seated, nil
}
