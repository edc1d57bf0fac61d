package faults

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// writeTotals is how much was written up to a moment.
type writeTotals struct {
	persisted int // entries of the audit log
	requested int // requests, whatever came of them
}

func (r *scenarioRun) writesSoFar() writeTotals {
	asked, _ := r.injector.writes.requests()
	return writeTotals{persisted: r.env.auditLog.length(), requested: asked}
}

// checkQuiescence waits until all writes have ended, also those that change nothing. It then gives
// the operator a reason to reconcile the lab, and none to write.
func (r *scenarioRun) checkQuiescence(ctx context.Context) error {
	if _, err := r.awaitQuiescence(ctx); err != nil {
		return err
	}
	before := r.writesSoFar()
	if err := r.patchLab(ctx, `{"metadata":{"annotations":{"example.com/trigger":"reconcile, please"}}}`); err != nil {
		return fmt.Errorf("trigger a reconcile: %w", err)
	}
	before.persisted++ // the annotation
	after, err := r.awaitQuiescence(ctx)
	if err == nil && after != before {
		_, last := r.injector.writes.requests()
		err = fmt.Errorf("the operator writes without a reason, such as %s: %+v became %+v", last, before, after)
	}
	return err
}

// awaitQuiescence waits until nothing was written for quietPeriod.
func (r *scenarioRun) awaitQuiescence(ctx context.Context) (writeTotals, error) {
	var now writeTotals
	since := time.Now()
	err := wait.PollUntilContextTimeout(ctx, pollInterval, convergeTimeout, true, func(context.Context) (bool, error) {
		if latest := r.writesSoFar(); latest != now {
			now, since = latest, time.Now()
		}
		return time.Since(since) > quietPeriod, nil
	})
	if err != nil {
		_, last := r.injector.writes.requests()
		return now, fmt.Errorf("%w: writes do not end, such as %s", err, last)
	}
	return now, nil
}
