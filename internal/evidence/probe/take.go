package probe

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/evidence"
)

// timeOf is how long a look may take.
func timeOf(w wish) time.Duration {
	if w.adapter.Time == nil {
		return DefaultTime
	}
	return w.adapter.Time(w.evidence)
}

// Look takes one look within its time. A connection that was closed is tried once more: that it was in fact refused is
// told on a stream of its own, and now and then lost when the connection ends.
func Look(ctx context.Context, adapter *Adapter, reach Reach, e *v1alpha1.Evidence) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, timeOf(wish{evidence: e, adapter: adapter}))
	defer cancel()
	values, err := adapter.Look(ctx, reach, e)
	if reasonOf(err) == Closed && ctx.Err() == nil {
		return adapter.Look(ctx, reach, e)
	}
	return values, err
}

// take takes a look. An adapter that breaks is our fault.
func take(ctx context.Context, log logr.Logger, reach Reach, w wish) (values map[string]any, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			log.Error(fmt.Errorf("panic: %v", broken), "an adapter broke", "adapter", w.adapter.Name, "evidence", w.evidence.Name,
				"stack", string(debug.Stack()))
			values, err = nil, &Fault{Message: "the adapter " + w.adapter.Name + " broke: report it with the operator's log", Lasting: true}
		}
	}()
	return Look(ctx, w.adapter, reach, w.evidence)
}

func faultOf(err error) *Fault {
	var fault *Fault
	errors.As(err, &fault)
	return fault
}

func reasonOf(err error) string {
	var failure *Failure
	if errors.As(err, &failure) {
		return failure.Reason
	}
	return ""
}

// evidenceOf is what checks see of a look: what was read, and whether that was all.
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

// same tells whether two looks found the same.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// sameSource tells whether two pieces of evidence read the same.
func sameSource(a, b *v1alpha1.Evidence) bool { return a == b || equality.Semantic.DeepEqual(a, b) }
