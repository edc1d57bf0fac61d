package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Reasons of failures, for checks that want to know why.
const (
	// NotFound: the Service, pod, Secret or release is not there.
	NotFound = "NotFound"
	// NotRunning: no pod behind the target runs.
	NotRunning = "NotRunning"
	// Refused: nothing listens on the port.
	Refused = "Refused"
	// TimedOut: no answer came in time.
	TimedOut = "TimedOut"
	// Closed: the connection was closed before the answer was complete.
	Closed = "Closed"
	// Unauthorized: the server does not accept the credentials.
	Unauthorized = "Unauthorized"
	// Malformed: the answer is not in the protocol.
	Malformed = "Malformed"
	// TooLarge: the answer is over the limits.
	TooLarge = "TooLarge"
	// Rejected: the server understood, and answered with an error.
	Rejected = "Rejected"
)

// Reasons lists all reasons of failures, in the order in which they are documented.
func Reasons() []Field {
	return []Field{
		{NotFound, "string", "the Service, pod, Secret or release is not there"},
		{NotRunning, "string", "no pod behind the target runs"},
		{Refused, "string", "nothing listens on the port"},
		{TimedOut, "string", "no answer came in time"},
		{Closed, "string", "the connection was closed before the answer was complete"},
		{Unauthorized, "string", "the server does not accept the credentials"},
		{Malformed, "string", "the answer is not in the protocol"},
		{TooLarge, "string", "the answer is over the limits"},
		{Rejected, "string", "the server understood, and answered with an error"},
	}
}

// Failure is what is wrong with a service, as far as a learner can cause and change it. Checks see it as evidence.
type Failure struct { //nolint:errname // it is what checks see of a service more than an error
	// Reason is one of the constants.
	Reason string
	// Message is half a sentence for the learner, which begins with what failed, as in "web:80 refuses connections".
	Message string
}

// Error implements error.
func (f *Failure) Error() string { return f.Message }

// Failf makes a failure.
func Failf(reason, format string, args ...any) *Failure {
	return &Failure{Reason: reason, Message: text.OneLine(fmt.Sprintf(format, args...), check.TextLength)}
}

// Fault is why a probe could not be taken, through no fault of the learner.
type Fault struct { //nolint:errname // the other half of Failure
	// Message says for the platform's people what is wrong and what to do.
	Message string
	// Lasting faults do not pass by themselves, as a right that is missing.
	Lasting bool
}

// Error implements error.
func (f *Fault) Error() string { return f.Message }

// FailureOf sorts the error of a client library into a failure; about is what failed, as in "web:80". What is a Failure
// or a Fault already stays.
func FailureOf(about string, err error) error {
	var failure *Failure
	var fault *Fault
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return fault
	case errors.As(err, &failure):
		return failure
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Failf(TimedOut, "%s does not answer in time", about)
	case errors.Is(err, syscall.ECONNREFUSED):
		return Failf(Refused, "%s refuses connections", about)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Failf(Closed, "%s closes the connection before it has answered", about)
	}
	return Failf(Malformed, "%s gives an answer that is not understood: %v", about, err)
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
