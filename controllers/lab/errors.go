package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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
	retry error  // the API server's or the network's: try again soon, tell nobody
	fault *fault // ours: say so in Stalled
}

// sortError is the one place where an error becomes a retry or a fault of ours. What a learner causes never
// gets here: internal/evidence and internal/check make it a verdict.
func sortError(err error) sorted {
	var ours *fault
	switch {
	case err == nil, errors.Is(err, errWaiting):
		return sorted{}
	case errors.As(err, &ours):
		return sorted{fault: ours}
	case isTransient(err):
		return sorted{retry: err}
	case apierrors.IsForbidden(err):
		return sorted{fault: &fault{v1alpha1.ReasonForbidden,
			fmt.Sprintf("the operator lacks a right: %v. Install its RBAC rules again", err)}}
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), meta.IsNoMatchError(err):
		return sorted{fault: &fault{v1alpha1.ReasonSetupRefused,
			fmt.Sprintf("the API server refuses what is set up for this lab: %v. Correct the exercise, then start a fresh environment", err)}}
	default:
		return sorted{retry: err}
	}
}

// isTransient tells whether the same request may go through later though nobody does anything.
func isTransient(err error) bool {
	var spreading *young
	if isYoungRight(err) || errors.As(err, &spreading) {
		return true
	}
	var netErr net.Error
	return apierrors.IsConflict(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsUnexpectedServerError(err) || apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		utilnet.IsConnectionReset(err) || utilnet.IsConnectionRefused(err) || utilnet.IsProbableEOF(err) ||
		errors.As(err, &netErr)
}

// isYoungRight tells refusals that pass by themselves: a quota has no status yet, a namespace is going away.
func isYoungRight(err error) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	return strings.Contains(err.Error(), "status unknown for quota") ||
		apierrors.HasStatusCause(err, "NamespaceTerminating")
}

// young is a refusal that may be due to a role binding that has not spread to all API servers yet.
type young struct{ error }

func (y *young) Unwrap() error { return y.error }
