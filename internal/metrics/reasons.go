package metrics

import (
	"context"
	"errors"
	"net"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Kinds of platform errors.
const (
	// kindStalled: a lab stalled. The reason is that of its condition.
	kindStalled = "stalled"
	// kindRetry: a reconcile ended with an error and is tried again. The reason is the API server's.
	kindRetry = "retry"
	// kindProbe: a look at a service could not be taken.
	kindProbe = "probe"
)

// Reasons of probes that failed.
const (
	// probeLasting does not pass by itself: a right is missing, or an adapter broke.
	probeLasting = "Lasting"
	// probePassing may: the API server did not let us through.
	probePassing = "Passing"
)

// Reasons of retries that are not the API server's.
const (
	retryNetwork = "Network"
	retryOther   = "Other"
)

// What comes of a status write.
const (
	writeDone = "written"
	// writeConflict: the Lab changed since it was read. It is read again, and nothing is lost.
	writeConflict = "conflict"
	writeFailed   = "failed"
)

// stalledReasons are those with which a lab stalls.
func stalledReasons() []string {
	return []string{
		v1beta1.ReasonTopicNotFound, v1beta1.ReasonExerciseNotFound, v1beta1.ReasonExerciseNotInTopic,
		v1beta1.ReasonInvalidExercise, v1beta1.ReasonInvalidTopic, v1beta1.ReasonSetupRefused,
		v1beta1.ReasonRevisionLost, v1beta1.ReasonRevisionAltered, v1beta1.ReasonRevisionUnsupported, v1beta1.ReasonForbidden, v1beta1.ReasonCheckFailed,
		v1beta1.ReasonRefusedByCluster, v1beta1.ReasonOutOfQuota, v1beta1.ReasonNameTaken,
		v1beta1.ReasonPlatformFailing, v1beta1.ReasonResultRefused,
	}
}

// answers are the API server's that are told apart. Others than those come together, so that no server behind it can
// make up series.
func answers() []metav1.StatusReason {
	return []metav1.StatusReason{
		metav1.StatusReasonConflict, metav1.StatusReasonNotFound, metav1.StatusReasonAlreadyExists, metav1.StatusReasonForbidden,
		metav1.StatusReasonTooManyRequests, metav1.StatusReasonTimeout, metav1.StatusReasonServerTimeout,
		metav1.StatusReasonInternalError, metav1.StatusReasonServiceUnavailable,
	}
}

// retryReasons are those that retryReason can give.
func retryReasons() []string {
	reasons := []string{retryNetwork, retryOther}
	for _, answer := range answers() {
		reasons = append(reasons, string(answer))
	}
	return reasons
}

// platformErrors are all kinds of platform errors, each with all its reasons.
func platformErrors() [][]string {
	var series [][]string
	for kind, reasons := range map[string][]string{
		kindStalled: stalledReasons(), kindRetry: retryReasons(), kindProbe: {probeLasting, probePassing},
	} {
		for _, reason := range reasons {
			series = append(series, []string{kind, reason})
		}
	}
	return series
}

// gradedStates are those that an answer can be graded with.
func gradedStates() []string {
	return []string{string(v1beta1.QuestionRight), string(v1beta1.QuestionWrong), string(v1beta1.QuestionExhausted)}
}

func retryReason(err error) string {
	var network net.Error
	answer := apierrors.ReasonForError(err)
	switch {
	case slices.Contains(answers(), answer):
		return string(answer)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return retryNetwork
	default:
		return retryOther
	}
}

func writeResult(err error) string {
	switch {
	case err == nil:
		return writeDone
	case apierrors.IsConflict(err):
		return writeConflict
	default:
		return writeFailed
	}
}
