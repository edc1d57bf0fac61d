package refusal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/internal/refusal"
)

// answer is a refusal as the API server sends it.
func answer(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message, Details: &metav1.StatusDetails{},
	}}
}

func TestOf(t *testing.T) {
	const operator = "system:serviceaccount:lab-operator-system:lab-operator"
	terminating := apierrors.NewForbidden(corev1.Resource("pods"), "web", errors.New("the namespace goes"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	type result struct {
		Kind refusal.Kind
		Who  string
	}
	tests := map[string]struct {
		err  error
		want result
	}{
		"no error":                  {nil, result{}},
		"no answer":                 {context.DeadlineExceeded, result{}},
		"a conflict":                {apierrors.NewConflict(corev1.Resource("pods"), "web", errors.New("changed")), result{}},
		"not found":                 {apierrors.NewNotFound(corev1.Resource("pods"), "web"), result{}},
		"too many":                  {apierrors.NewTooManyRequests("later", 1), result{}},
		"internal error":            {apierrors.NewInternalError(errors.New("etcdserver: leader changed")), result{}},
		"a token that is not valid": {answer(http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized"), result{}},

		"RBAC in the cluster": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces is forbidden: User "`+operator+`" cannot create resource "namespaces" in API group "" at the cluster scope`),
			result{refusal.Rights, operator}},
		"RBAC in a namespace": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`deployments.apps "web" is forbidden: User "`+operator+`" cannot patch resource "deployments" in API group "apps" in the namespace "lab-web"`),
			result{refusal.Rights, operator}},
		"RBAC on a subresource": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`labs.learning.lab-operator.dev "web" is forbidden: User "`+operator+`" cannot patch resource "labs/status" in API group "learning.lab-operator.dev" in the namespace "default"`),
			result{refusal.Rights, operator}},
		"RBAC with a role that is missing": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`secrets is forbidden: User "`+operator+`" cannot create resource "secrets" in API group "" in the namespace "ws-a": RBAC: clusterrole.rbac.authorization.k8s.io "lab-operator-registrar" not found`),
			result{refusal.Rights, operator}},
		"RBAC on impersonation": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`serviceaccounts "lab-deployer" is forbidden: User "`+operator+`" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "lab-operator-system"`),
			result{refusal.Rights, operator}},
		"RBAC on a path": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`forbidden: User "`+operator+`" cannot get path "/apis"`),
			result{refusal.Rights, operator}},
		"RBAC on escalation": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`rolebindings.rbac.authorization.k8s.io "lab-operator-learner" is forbidden: user "`+operator+`" (groups=["system:serviceaccounts" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:`+"\n"+`{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`),
			result{refusal.Rights, operator}},

		"a policy, Forbidden": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'require-team' with binding 'require-team-everywhere' denied request: failed expression: object.metadata.?labels.?team.hasValue()`),
			result{refusal.Policy, "require-team"}},
		"a policy, Invalid": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'require-team' with binding 'b' denied request: a namespace needs the label team`),
			result{refusal.Policy, "require-team"}},
		"a policy, Unauthorized": {answer(http.StatusUnauthorized, metav1.StatusReasonUnauthorized,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'require-team' with binding 'b' denied request: no`),
			result{refusal.Policy, "require-team"}},
		"a policy, too large": {answer(http.StatusRequestEntityTooLarge, metav1.StatusReasonRequestEntityTooLarge,
			`configmaps "c" is forbidden: ValidatingAdmissionPolicy 'small' with binding 'b' denied request: too large`),
			result{refusal.Policy, "small"}},
		"a policy without a binding": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'broken' denied request: failed to configure policy: no such kind`),
			result{refusal.Policy, "broken"}},
		"a policy that cannot be evaluated": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'labels' with binding 'b' denied request: expression 'object.metadata.labels.team == 'a'' resulted in error: no such key: team`),
			result{refusal.Policy, "labels"}},
		"a mutating policy": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`policy 'sidecars' with binding 'sidecars' denied request: no such key: team`),
			result{refusal.Policy, "sidecars"}},
		"a mutating policy without a binding": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`policy "sidecars" denied request: failed to configure policy: broken`),
			result{refusal.Policy, "sidecars"}},
		"a policy that quotes RBAC": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'tenants' with binding 'b' denied request: User "x" cannot create resource "namespaces" here; exceeded quota: x,`),
			result{refusal.Policy, "tenants"}},
		"a policy of lab-operator": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: ValidatingAdmissionPolicy 'lab-operator-namespaces' with binding 'lab-operator-namespaces' denied request: only the operator creates namespaces with the label`),
			result{refusal.OwnPolicy, "lab-operator-namespaces"}},

		"a webhook, 400": {answer(http.StatusBadRequest, "", `admission webhook "validate.kyverno.svc-fail" denied the request: resource Namespace//lab-web was blocked`),
			result{refusal.Webhook, "validate.kyverno.svc-fail"}},
		"a webhook, 403": {answer(http.StatusForbidden, metav1.StatusReasonForbidden, `admission webhook "validation.gatekeeper.sh" denied the request: [k8srequiredlabels] you must provide labels: {"team"}`),
			result{refusal.Webhook, "validation.gatekeeper.sh"}},
		"a webhook that says Unauthorized": {answer(http.StatusForbidden, "", `admission webhook "rancher.cattle.io.namespaces.create-non-kubesystem" denied the request: Unauthorized`),
			result{refusal.Webhook, "rancher.cattle.io.namespaces.create-non-kubesystem"}},
		"a webhook, 422": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, `admission webhook "vpods.example.com" denied the request: no`),
			result{refusal.Webhook, "vpods.example.com"}},
		"a webhook without explanation": {answer(http.StatusBadRequest, "", `admission webhook "vpods.example.com" denied the request without explanation`),
			result{refusal.Webhook, "vpods.example.com"}},
		"a webhook that quotes a quota": {answer(http.StatusForbidden, "", `admission webhook "vpods.example.com" denied the request: exceeded quota: tenant, requested: 1`),
			result{refusal.Webhook, "vpods.example.com"}},
		"a webhook with an error of its own": {answer(http.StatusInternalServerError, "", `admission webhook "vpods.example.com" denied the request: no database`),
			result{refusal.Webhook, "vpods.example.com"}},
		"a webhook that is away": {answer(http.StatusInternalServerError, metav1.StatusReasonInternalError,
			`Internal error occurred: failed calling webhook "vpods.example.com": failed to call webhook: Post "https://webhook.policies.svc:443/validate?timeout=10s": dial tcp 10.96.0.5:443: connect: connection refused`),
			result{refusal.WebhookDown, "vpods.example.com"}},
		"a webhook with a broken answer": {answer(http.StatusInternalServerError, metav1.StatusReasonInternalError,
			`Internal error occurred: failed calling webhook "vpods.example.com": received invalid webhook response: expected response.uid`),
			result{refusal.WebhookDown, "vpods.example.com"}},

		"a quota": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: exceeded quota: lab, requested: limits.memory=8Gi, used: limits.memory=0, limited: limits.memory=512Mi`),
			result{refusal.Quota, "lab"}},
		"a quota that asks for limits": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: failed quota: lab: must specify limits.memory for: web`),
			result{refusal.Quota, "lab"}},
		"a quota for scopes": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]`),
			result{refusal.Quota, ""}},
		"a quota that does not cover": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: insufficient quota to consume: example.com/gpu`),
			result{refusal.Quota, ""}},
		"a quota of the whole cluster": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`namespaces "lab-web" is forbidden: exceeded quota: tenants, requested: count/namespaces=1, used: 10, limited: 10`),
			result{refusal.Quota, "tenants"}},
		"a quota that is not counted yet": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: status unknown for quota: lab, resources: pods`),
			result{refusal.Passing, ""}},
		"a namespace that goes": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: unable to create new content in namespace lab-web because it is being terminated`),
			result{refusal.Passing, ""}},
		"a namespace that goes, by its cause": {terminating, result{refusal.Passing, ""}},
		"admission that is starting": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: not yet ready to handle request`),
			result{refusal.Passing, ""}},

		"pod security": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: violates PodSecurity "restricted:v1.37": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)`),
			result{refusal.PodSecurity, "restricted"}},
		"a limit range": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: maximum memory usage per Container is 256Mi, but limit is 1Gi`),
			result{refusal.Limits, ""}},
		"limit ranges": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: [minimum cpu usage per Container is 100m, but request is 10m, maximum memory usage per Pod is 1Gi.  No limit is specified]`),
			result{refusal.Limits, ""}},
		"a limit range on claims": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi`),
			result{refusal.Limits, ""}},
		"a ratio": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 4.000000`),
			result{refusal.Limits, ""}},

		"another plugin of admission": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: error looking up service account lab-web/builder: serviceaccount "builder" not found`),
			result{refusal.Admission, ""}},
		"a priority class": {answer(http.StatusForbidden, metav1.StatusReasonForbidden,
			`pods "web-0" is forbidden: no PriorityClass with name high was found`),
			result{refusal.Admission, ""}},

		"an invalid object": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`Deployment.apps "web" is invalid: spec.template.spec.containers[0].image: Required value`),
			result{refusal.Object, ""}},
		"an immutable field": {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid,
			`Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable`),
			result{refusal.Object, ""}},
		"a bad request": {answer(http.StatusBadRequest, metav1.StatusReasonBadRequest, `strict decoding error: unknown field "spec.foo"`),
			result{refusal.Object, ""}},
		"a field that there is not": {answer(http.StatusInternalServerError, "",
			`failed to create typed patch object (lab-web/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema`),
			result{refusal.Object, ""}},
		"too large to store": {answer(http.StatusInternalServerError, "", `etcdserver: request is too large`),
			result{refusal.Object, ""}},
		"a kind that is not served": {&meta.NoKindMatchError{GroupKind: schema.GroupKind{Group: "example.com", Kind: "Widget"}, SearchedVersions: []string{"v1"}},
			result{refusal.Object, ""}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			errs := map[string]error{"as it is": tc.err}
			if tc.err != nil {
				errs["wrapped"] = fmt.Errorf("set up Pod web: %w", tc.err)
			}
			for how, err := range errs {
				kind, who := refusal.Of(err)
				if diff := cmp.Diff(tc.want, result{kind, who}); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestInReadsEvents(t *testing.T) {
	kind, who := refusal.In(`create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity "baseline:latest": privileged`)
	if kind != refusal.PodSecurity || who != "baseline" {
		t.Errorf("read %s by %q", kind, who)
	}
	if kind, who := refusal.In("Started container web"); kind != refusal.None || who != "" {
		t.Errorf("an event about no refusal is read as %s by %q", kind, who)
	}
}

func TestAdviceNamesWhoRefuses(t *testing.T) {
	for _, kind := range []refusal.Kind{refusal.OwnPolicy, refusal.Policy, refusal.Webhook, refusal.WebhookDown, refusal.Quota, refusal.PodSecurity} {
		if advice := refusal.Advice(kind, "the-name"); !strings.Contains(advice, "the-name") {
			t.Errorf("%s: %q does not name it", kind, advice)
		}
	}
	for _, kind := range []refusal.Kind{refusal.Policy, refusal.Webhook, refusal.WebhookDown, refusal.Quota, refusal.Admission} {
		advice := refusal.Advice(kind, "x")
		if !strings.Contains(advice, "administrator") || strings.Contains(advice, "RBAC") || strings.Contains(advice, "exercise") {
			t.Errorf("%s: %q sends somebody who cannot help", kind, advice)
		}
	}
	for _, kind := range []refusal.Kind{refusal.None, refusal.Passing, refusal.Object} {
		if advice := refusal.Advice(kind, "x"); advice != "" {
			t.Errorf("%q: %q", kind, advice)
		}
	}
}
