// Package refusal tells why the API server refused a request, and so who can do something about it. The API server gives
// the same codes to all of them: 403 means a missing right, an admission policy, a webhook, a quota or pod security, and
// a policy or webhook may answer with 400, 401, 413 or 422 as well. Only the messages tell them apart.
package refusal

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
)

// Kind is a cause of refusals.
type Kind string

const (
	// None means that nothing was refused. The error is nil, or of the network, or of a server that has a problem of its own.
	None Kind = ""
	// Rights means that RBAC, or another authorizer, does not allow the request. The account is the second result.
	Rights Kind = "Rights"
	// OwnPolicy means that an admission policy of lab-operator itself refuses the request. Its name is the second result.
	OwnPolicy Kind = "OwnPolicy"
	// Policy means that an admission policy of the cluster refuses the request. Its name is the second result.
	Policy Kind = "Policy"
	// Webhook means that an admission webhook of the cluster refuses the request. Its name is the second result.
	Webhook Kind = "Webhook"
	// WebhookDown means that an admission webhook of the cluster does not answer. Its name is the second result.
	WebhookDown Kind = "WebhookDown"
	// Quota means that the namespace, or the cluster, has no quota left. The quota's name is the second result, if there is one.
	Quota Kind = "Quota"
	// Limits means that a LimitRange does not allow what a container or a claim asks for.
	Limits Kind = "Limits"
	// PodSecurity means that the namespace's pod security level does not allow the pod. The level is the second result.
	PodSecurity Kind = "PodSecurity"
	// Passing means that the refusal passes without anybody's help. A quota is not counted yet, or a namespace is being deleted.
	Passing Kind = "Passing"
	// Admission means that another part of the API server's admission refuses the request.
	Admission Kind = "Admission"
	// Object means that the object is invalid, whatever the cluster's rules are.
	Object Kind = "Object"
)

// ownPrefix is what the names of lab-operator's own admission policies begin with.
const ownPrefix = "lab-operator-"

// sign is what a message of the API server has for a cause.
type sign struct {
	kind    Kind
	pattern *regexp.Regexp // its first group, if there is one, is who refuses
}

// signs are the forms of messages in Kubernetes. A message can quote another one: a webhook may say that a user
// cannot create something. The sign that comes first in the message counts.
var signs = []sign{
	// ValidatingAdmissionPolicy, MutatingAdmissionPolicy, and both when they cannot be evaluated.
	{Policy, regexp.MustCompile(`(?:ValidatingAdmissionPolicy|MutatingAdmissionPolicy|policy) ['"]([^'"]+)['"](?: with binding ['"][^'"]*['"])? denied request`)},
	{Webhook, regexp.MustCompile(`admission webhook "([^"]+)" (?:denied the request|attempted to modify|does not support dry run)`)},
	{WebhookDown, regexp.MustCompile(`failed calling webhook "([^"]+)"`)},
	{Passing, regexp.MustCompile(`status unknown for quota: [^,]+`)},
	{Passing, regexp.MustCompile(`because it is being terminated`)},
	{Passing, regexp.MustCompile(`not yet ready to handle request`)},
	{Quota, regexp.MustCompile(`(?:exceeded|failed) quota: ([^,: ]+)`)},
	{Quota, regexp.MustCompile(`insufficient quota to (?:consume|match these scopes)`)},
	{PodSecurity, regexp.MustCompile(`violates PodSecurity "([^":]+)`)},
	{Limits, regexp.MustCompile(`(?:minimum|maximum) \S+ usage per \S+ is `)},
	{Limits, regexp.MustCompile(`\S+ max limit to request ratio per \S+ is `)},
	{Rights, regexp.MustCompile(`[Uu]ser "([^"]*)" cannot [\w-]+ (?:resource|path) "`)},
	{Rights, regexp.MustCompile(`user "([^"]*)" \(groups=.*is attempting to grant RBAC permissions not currently held`)},
	{Object, regexp.MustCompile(`failed to create typed patch object`)},
	{Object, regexp.MustCompile(`etcdserver: request is too large`)},
}

// Of tells why a request was refused, and by whom where that has a name.
func Of(err error) (kind Kind, who string) {
	if err == nil {
		return None, ""
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		if meta.IsNoMatchError(err) {
			return Object, ""
		}
		return None, ""
	}
	if kind, who := In(status.Status().Message); kind != None {
		return kind, who
	}
	switch {
	case apierrors.HasStatusCause(err, "NamespaceTerminating"):
		return Passing, ""
	case apierrors.IsForbidden(err):
		return Admission, ""
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err),
		apierrors.IsMethodNotSupported(err), apierrors.IsNotAcceptable(err), apierrors.IsUnsupportedMediaType(err):
		return Object, ""
	default:
		return None, ""
	}
}

// In is Of for the message of a refusal, as events and conditions quote it.
func In(message string) (kind Kind, who string) {
	first := len(message)
	for _, sign := range signs {
		at := sign.pattern.FindStringSubmatchIndex(message)
		if at == nil || at[0] >= first {
			continue
		}
		first, kind, who = at[0], sign.kind, ""
		if len(at) > 2 && at[2] >= 0 {
			who = message[at[2]:at[3]]
		}
	}
	if kind == Policy && strings.HasPrefix(who, ownPrefix) {
		kind = OwnPolicy
	}
	return kind, who
}

// Advice says in one sentence without a full stop who refuses a request of the operator and who can do something about
// it. It is empty for None, Passing and Object, which are not the cluster's doing.
func Advice(kind Kind, who string) string {
	switch kind {
	case Rights:
		return "The operator lacks a right. Apply the RBAC rules of lab-operator's manifest again"
	case OwnPolicy:
		return fmt.Sprintf("Admission policy %s of lab-operator does not expect this request. "+
			"Install the operator and its policies from the same manifest, into the namespace that it names", who)
	case Policy:
		return fmt.Sprintf("Admission policy %s of this cluster refuses it. "+
			"Ask the cluster's administrator to exempt lab-operator from the policy", who)
	case Webhook:
		return fmt.Sprintf("Admission webhook %s of this cluster refuses it. "+
			"Ask the cluster's administrator to exempt lab-operator from the webhook", who)
	case WebhookDown:
		return fmt.Sprintf("Admission webhook %s of this cluster does not answer. "+
			"Ask the cluster's administrator to repair the webhook", who)
	case Quota:
		if who == "" {
			return "A quota of this cluster has no room for it. Ask the cluster's administrator for more"
		}
		return fmt.Sprintf("Quota %s has no room for it. Ask the cluster's administrator for more", who)
	case Limits:
		return "A LimitRange of the namespace does not allow it. Ask the cluster's administrator to change the limits"
	case PodSecurity:
		return fmt.Sprintf("Pod security level %s of the namespace does not allow it", who)
	case Admission:
		return "The admission control of this cluster refuses it. Ask the cluster's administrator to exempt lab-operator"
	default:
		return ""
	}
}
