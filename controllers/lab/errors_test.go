package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func TestSortError(t *testing.T) {
	pods := corev1.Resource("pods")
	kind := schema.GroupKind{Group: "example.com", Kind: "Widget"}
	forbidden := apierrors.NewForbidden(pods, "web", errors.New("no right"))
	terminating := apierrors.NewForbidden(pods, "web", errors.New("namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	const retry = "retry"
	tests := map[string]struct {
		err  error
		want string // retry, the reason of a fault, or empty
	}{
		"nothing is wrong":                          {nil, ""},
		"a phase waits for the world":               {errWaiting, ""},
		"a fault is ours":                           {&fault{"Some", "do something"}, "Some"},
		"a conflict passes":                         {apierrors.NewConflict(pods, "web", errors.New("changed")), retry},
		"too many requests pass":                    {apierrors.NewTooManyRequests("later", 1), retry},
		"an internal error passes":                  {apierrors.NewInternalError(errors.New("etcd")), retry},
		"a service that is away comes back":         {apierrors.NewServiceUnavailable("restarting"), retry},
		"a server's time-out passes":                {apierrors.NewServerTimeout(pods, "get", 1), retry},
		"a time-out passes":                         {apierrors.NewTimeoutError("slow", 1), retry},
		"what exists already is read next time":     {apierrors.NewAlreadyExists(pods, "web"), retry},
		"what has gone is made next time":           {apierrors.NewNotFound(pods, "web"), retry},
		"a deadline passes":                         {context.DeadlineExceeded, retry},
		"an operator that stops is no fault":        {context.Canceled, retry},
		"a refused connection passes":               {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, retry},
		"a reset connection passes":                 {syscall.ECONNRESET, retry},
		"a quota without a status gets one":         {apierrors.NewForbidden(pods, "web", errors.New("status unknown for quota: lab, resources: pods")), retry},
		"a namespace that is going away goes":       {terminating, retry},
		"a young right spreads":                     {&young{forbidden}, retry},
		"a lacking right is ours":                   {forbidden, v1alpha1.ReasonForbidden},
		"what is invalid is the author's":           {apierrors.NewInvalid(kind, "x", nil), v1alpha1.ReasonSetupRefused},
		"a bad request is the author's":             {apierrors.NewBadRequest("strict decoding error"), v1alpha1.ReasonSetupRefused},
		"a kind that the cluster lacks is theirs":   {&meta.NoKindMatchError{GroupKind: kind, SearchedVersions: []string{"v1"}}, v1alpha1.ReasonSetupRefused},
		"what nobody has thought of is tried again": {errors.New("odd"), retry},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for how, err := range map[string]error{"as it is": tc.err, "wrapped": wrapped(tc.err)} {
				verdict := sortError(err)
				got := ""
				switch {
				case verdict.retry != nil && verdict.fault != nil:
					t.Fatalf("%s: it is both: %v and %v", how, verdict.retry, verdict.fault)
				case verdict.retry != nil:
					got = retry
				case verdict.fault != nil:
					got = verdict.fault.reason
					if verdict.fault.message == "" {
						t.Errorf("%s: the fault says nothing", how)
					}
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("set up Pod web: %w", err)
}
