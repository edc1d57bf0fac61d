package lab

import (
	"context"
	"errors"
	"fmt"
	"net"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/refusal"
)

// fault is a failure that the author of the exercise or the operator's administrator has to repair.
type fault struct {
	reason  string // of the condition Stalled
	message string // says what to do
}

func (f *fault) Error() string { return f.message }

// waiting ends the phases early though nothing is wrong: behind it there is nothing to do yet.
type waiting struct{}

func (waiting) Error() string { return "waiting" }

// errWaiting is returned by a phase that has to wait for the world; it sets the condition that says for what.
var errWaiting = waiting{}

// sorted is an error put where it belongs. All nil: nothing is wrong.
type sorted struct {
	retry error  // the API server's or the network's: try again soon, and tell only when it lasts
	fault *fault // ours: say so in Stalled
}

// sortError is the one place where an error becomes a retry or a fault of ours. What a learner causes never
// gets here: internal/evidence and internal/check make it a verdict. What is wrong with the setup of an exercise comes
// as a fault: what is left is about the operator's own requests, which no author of an exercise can correct.
func sortError(err error) sorted {
	var ours *fault
	var spreading *young
	kind, who := refusal.Of(err)
	switch {
	case err == nil, errors.Is(err, errWaiting):
		return sorted{}
	case errors.As(err, &ours):
		return sorted{fault: ours}
	case errors.As(err, &spreading), kind == refusal.Passing, kind == refusal.WebhookDown:
		return sorted{retry: err}
	case kind == refusal.None, kind == refusal.Object && isTransient(err):
		return sorted{retry: err}
	case kind == refusal.Object:
		return sorted{fault: &fault{v1beta1.ReasonSetupRefused, fmt.Sprintf(
			"the API server refuses what the operator writes: %v. Install the operator and its CRDs from the same manifest", err)}}
	default:
		return sorted{fault: &fault{reasonOf(kind), fmt.Sprintf("%v. %s", err, refusal.Advice(kind, who))}}
	}
}

// logFault logs a fault once for as long as it stays the same. The error of a retry is logged by controller-runtime, to
// which Reconcile returns it; a fault is not returned, since no queue knows when its author has acted.
func (m *localState) logFault(ctx context.Context, found *fault) {
	if found == nil {
		m.fault = ""
		return
	}
	if m.fault != found.message {
		m.fault = found.message
		log.FromContext(ctx).Error(found, "Lab is stalled", "reason", found.reason)
	}
}

// reasonOf is the reason with which a lab stalls for a cause of refusals.
func reasonOf(kind refusal.Kind) string {
	switch kind {
	case refusal.Rights, refusal.OwnPolicy, refusal.Admission:
		return v1beta1.ReasonForbidden
	case refusal.Quota:
		return v1beta1.ReasonOutOfQuota
	default:
		return v1beta1.ReasonRefusedByCluster
	}
}

// isTransient tells whether the same request may go through later though nobody does anything.
func isTransient(err error) bool {
	var netErr net.Error
	return apierrors.IsConflict(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		utilnet.IsConnectionReset(err) || utilnet.IsConnectionRefused(err) || utilnet.IsProbableEOF(err) ||
		errors.As(err, &netErr)
}

// young is a refusal that may be due to a role binding that has not spread to all API servers yet.
type young struct{ error }

func (y *young) Unwrap() error { return y.error }
