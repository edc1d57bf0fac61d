package probe

import (
	"fmt"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence"
)

// result is what is known of one service.
type result struct {
	request
	// due is when the next probe is to be taken, began when the last one was.
	due, began time.Time
	seen       check.Observation
	// hung says that the last probe found no answer in time.
	hung bool
	// faultSince is when a fault of ours began to keep us from looking, zero while none does.
	faultSince time.Time
	fault      *Fault
}

// staleAfter is how old a probe may be before nothing is known any more. A service that hangs is probed once in a timeout
// where that is longer than the interval.
func (r *result) staleAfter() time.Duration {
	limit := timeout(r.adapter, r.evidence.Probe)
	return 3*max(interval(r.evidence.Probe), limit) + limit
}

// observation is what is known at a moment.
func (r *result) observation(now time.Time) check.Observation {
	switch {
	case r.fault != nil && r.fault.Lasting && now.Sub(r.faultSince) >= faultGrace:
		return check.Observation{State: check.Failed, Detail: r.fault.Message}
	case r.seen.State != check.Seen:
		return check.Observation{State: check.NotSynced, Detail: fmt.Sprintf("%s has not been looked at yet", r.evidence.Name)}
	case now.Sub(r.seen.At) > r.staleAfter():
		return check.Observation{State: check.NotSynced, Detail: fmt.Sprintf("%s could not be looked at for some time", r.evidence.Name)}
	}
	return r.seen
}

// evidenceOf is what checks see of a probe: what was read, and whether that was all.
func evidenceOf(adapter string, values map[string]any, err error) map[string]any {
	if evidence.Size(values, MaxValue) > MaxValue {
		values, err = nil, Failf(TooLarge, "%s read more than %d KiB", adapter, MaxValue>>10)
	}
	seen := make(map[string]any, len(values)+3)
	for name, value := range values {
		seen[name] = value
	}
	seen["ok"], seen["error"], seen["reason"] = err == nil, "", ""
	if err != nil {
		failure := FailureOf(adapter, err)
		seen["error"], seen["reason"] = failure.Error(), reasonOf(failure)
	}
	return seen
}

// same tells whether two probes found the same.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// sameSource tells whether two pieces of evidence read the same.
func sameSource(a, b *v1beta1.Evidence) bool { return a == b || equality.Semantic.DeepEqual(a, b) }
