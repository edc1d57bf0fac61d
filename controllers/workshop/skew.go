package workshop

import (
	"context"
	"fmt"
	"time"
)

// maxSkew is how far the clocks of the operator and the API server may be apart.
const maxSkew = 2 * time.Minute

// checkClock compares the operator's clock with the API server's before the time takes something away. Where they disagree, the
// earlier one counts: what can't be undone is done when both say that it is time.
func (r *Reconciler) checkClock(ctx context.Context, s *scope) error {
	if !s.isTimeUp() {
		return nil
	}
	server, err := r.ServerTime(ctx)
	if err != nil {
		return fmt.Errorf("ask for the API server's time: %w", err)
	}
	// The answer is as old as the way back of it: the operator's clock is read again.
	skew := r.Clock.Now().Sub(server)
	if skew.Abs() <= maxSkew {
		return nil
	}
	s.skew = skew
	if server.Before(s.now) {
		s.now = server
		s.setStages()
	}
	s.again(failedRecheck)
	return nil
}

// isTimeUp tells whether something would be taken away because of the time.
func (s *scope) isTimeUp() bool {
	if pending := s.before.Status.PendingChange; pending != nil && !s.now.Before(pending.AppliesAt.Time) {
		return true
	}
	for _, a := range s.attendees {
		if (a.stage == closed || a.stage == removed) && len(due(s, a)) > 0 {
			return true
		}
	}
	return false
}

// skewed says how far the clocks are apart, in whole minutes, so the message seldom changes.
func (s *scope) skewed() string {
	ahead := "ahead of"
	if s.skew < 0 {
		ahead = "behind"
	}
	return fmt.Sprintf("The operator's clock is %s %s the API server's. Nothing is closed or deleted before both clocks say so. "+
		"Correct the clock of the node that is wrong", s.skew.Abs().Round(time.Minute), ahead)
}
