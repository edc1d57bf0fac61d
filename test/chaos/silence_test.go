package chaos

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// activity is how much was written up to a moment.
type activity struct {
	persisted int // entries of the ledger
	asked     int // requests, whatever came of them
}

func (l *life) activity() activity {
	asked, _ := l.rules.writes.requests()
	return activity{persisted: l.stage.ledger.length(), asked: asked}
}

// staysSilent waits until nothing is written any more, neither what changes anything nor what does not. It then gives
// the operator a cause to look at the lab, and none to write.
func (l *life) staysSilent(ctx context.Context) error {
	if _, err := l.awaitSilence(ctx); err != nil {
		return err
	}
	before := l.activity()
	if err := l.patch(ctx, `{"metadata":{"annotations":{"example.com/nudge":"look, please"}}}`); err != nil {
		return fmt.Errorf("nudge the operator: %w", err)
	}
	before.persisted++ // the nudge
	after, err := l.awaitSilence(ctx)
	if err == nil && after != before {
		_, last := l.rules.writes.requests()
		err = fmt.Errorf("an operator with nothing to do writes, such as %s: %+v became %+v", last, before, after)
	}
	return err
}

// awaitSilence waits until for some time nothing was written.
func (l *life) awaitSilence(ctx context.Context) (activity, error) {
	var now activity
	since := time.Now()
	err := wait.PollUntilContextTimeout(ctx, glance, lag, true, func(context.Context) (bool, error) {
		if latest := l.activity(); latest != now {
			now, since = latest, time.Now()
		}
		return time.Since(since) > silence, nil
	})
	if err != nil {
		_, last := l.rules.writes.requests()
		return now, fmt.Errorf("%w: writes go on where all is done, such as %s", err, last)
	}
	return now, nil
}
