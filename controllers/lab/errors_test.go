package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
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
		"nothing is wrong":                        {nil, ""},
		"a phase waits for the world":             {errWaiting, ""},
		"a fault is ours":                         {&fault{"Some", "do something"}, "Some"},
		"a conflict passes":                       {apierrors.NewConflict(pods, "web", errors.New("changed")), retry},
		"too many requests pass":                  {apierrors.NewTooManyRequests("later", 1), retry},
		"an internal error passes":                {apierrors.NewInternalError(errors.New("etcd")), retry},
		"a service that is away comes back":       {apierrors.NewServiceUnavailable("restarting"), retry},
		"a server's time-out passes":              {apierrors.NewServerTimeout(pods, "get", 1), retry},
		"a time-out passes":                       {apierrors.NewTimeoutError("slow", 1), retry},
		"what exists already is read next time":   {apierrors.NewAlreadyExists(pods, "web"), retry},
		"what has gone is made next time":         {apierrors.NewNotFound(pods, "web"), retry},
		"a deadline passes":                       {context.DeadlineExceeded, retry},
		"an operator that stops is no fault":      {context.Canceled, retry},
		"a refused connection passes":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, retry},
		"a reset connection passes":               {syscall.ECONNRESET, retry},
		"a quota without a status gets one":       {apierrors.NewForbidden(pods, "web", errors.New("status unknown for quota: lab, resources: pods")), retry},
		"a namespace that is going away goes":     {terminating, retry},
		"a young right spreads":                   {&young{forbidden}, retry},
		"a lacking right is ours":                 {forbidden, v1beta1.ReasonForbidden},
		"what is invalid is told":                 {apierrors.NewInvalid(kind, "x", nil), v1beta1.ReasonSetupRefused},
		"a bad request is told":                   {apierrors.NewBadRequest("strict decoding error"), v1beta1.ReasonSetupRefused},
		"a kind that the cluster lacks is theirs": {&meta.NoKindMatchError{GroupKind: kind, SearchedVersions: []string{"v1"}}, v1beta1.ReasonSetupRefused},
		"a cluster's policy is the cluster's": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: a label is missing`), v1beta1.ReasonRefusedByCluster},
		"a cluster's policy that says invalid is the cluster's": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: a label is missing`), v1beta1.ReasonRefusedByCluster},
		"a cluster's webhook is the cluster's": {answer(http.StatusBadRequest, "",
			`admission webhook "team.example.com" denied the request: a label is missing`), v1beta1.ReasonRefusedByCluster},
		"a cluster's quota is the cluster's": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: exceeded quota: tenants, requested: count/namespaces=1, used: 10, limited: 10`), v1beta1.ReasonOutOfQuota},
		"a webhook that is away comes back": {answer(http.StatusInternalServerError, metav1.StatusReasonInternalError,
			`Internal error occurred: failed calling webhook "team.example.com": failed to call webhook: connection refused`), retry},
		"RBAC is ours": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces is forbidden: User "operator" cannot create resource "namespaces" in API group "" at the cluster scope`), v1beta1.ReasonForbidden},
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

// answer is a refusal as the API server sends it.
func answer(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message}}
}

// TestNobodyIsSentAstray is about the operator's own requests: what a rule of the cluster refuses is neither for whoever
// installed the operator nor for the author of the exercise.
func TestNobodyIsSentAstray(t *testing.T) {
	for name, message := range map[string]string{
		"policy":  `namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'the-rule' with binding 'b' denied request: no`,
		"webhook": `admission webhook "the-rule" denied the request: no`,
		"quota":   `namespaces "lab-web" is forbidden: exceeded quota: the-rule, requested: count/namespaces=1, used: 1, limited: 1`,
	} {
		for _, reason := range []metav1.StatusReason{metav1.StatusReasonForbidden, metav1.StatusReasonInvalid, metav1.StatusReasonBadRequest} {
			verdict := sortError(fmt.Errorf("create namespace: %w", answer(http.StatusForbidden, reason, message)))
			if verdict.fault == nil {
				t.Errorf("%s, %s: no fault", name, reason)
				continue
			}
			told := verdict.fault.message
			if !strings.Contains(told, "the-rule") || !strings.Contains(told, "cluster's administrator") {
				t.Errorf("%s, %s: %q does not say who refuses and who can help", name, reason, told)
			}
			if strings.Contains(told, "RBAC") || strings.Contains(told, "exercise") {
				t.Errorf("%s, %s: %q sends somebody who cannot help", name, reason, told)
			}
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("set up Pod web: %w", err)
}
