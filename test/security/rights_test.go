//go:build cluster

package security

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// onRights are attacks on who may do what.
func (s *stage) onRights() map[string]attack {
	in := s.mallory.environment
	rule := `rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]`
	subject := `subjects: [{kind: ServiceAccount, name: learner, namespace: ` + malloryHome + `}]`
	role := object(in, `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: all}, `+rule+`}`)
	binding := object(in, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: all}, `+subject+`,
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}`)
	deploying := object(in, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: deploying}, `+subject+`,
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lab-operator-deployer}}`)
	evidence := object("", `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: sec-all, labels: {learning.lab-operator.dev/aggregate-to-evidence: "true"}}, `+rule+`}`)
	clusterBinding := object("", `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: sec-all}, `+subject+`,
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}`)
	ownRole := named("rbac.authorization.k8s.io/v1", "ClusterRole", "", "lab-operator-learner")
	request := object("", `{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: sec-admin}, spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: "`+signingRequest()+`"}}`)
	account := func(namespace, name string) client.Object {
		return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	}
	token := &authenticationv1.TokenRequest{}
	tokenOf := func(namespace, name string) action { return createSub(account(namespace, name), "token", token) }
	hoarded := object(in, `{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: hoard, annotations: {kubernetes.io/service-account.name: default}}}`)
	review := object("", `{apiVersion: authorization.k8s.io/v1, kind: SubjectAccessReview, spec: {user: system:admin, resourceAttributes: {verb: get, resource: secrets}}}`)
	return map[string]attack{
		"make a role":                     s.refused("every right in the lab", create(role), noRight("create", "roles")),
		"bind oneself to everything":      s.refused("every right in the lab", create(binding), noRight("create", "rolebindings")),
		"bind oneself to the deployer's":  s.refused("what the deployer may", create(deploying), noRight("create", "rolebindings")),
		"let the operator see more":       s.refused("an operator that reads Secrets", create(evidence), noRight("create", "clusterroles")),
		"bind oneself in the cluster":     s.refused("every right", create(clusterBinding), noRight("create", "clusterrolebindings")),
		"widen the learner's role":        s.refused("every right in every lab", patch(ownRole, `{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}`), noRight("patch", "clusterroles")),
		"escalate it":                     s.mayNot("every right in every lab", "escalate", "rbac.authorization.k8s.io", "clusterroles", ""),
		"bind the learner's role":         s.mayNot("learners of one's own", "bind", "rbac.authorization.k8s.io", "clusterroles", ""),
		"administer labs":                 s.mayNot("a way past the policies", "administer", "learning.lab-operator.dev", "labs", in),
		"sign a certificate":              s.refused("another name", create(request), noRight("create", "certificatesigningrequests")),
		"request a token of the own name": s.refused("access that outlives the workshop", tokenOf(malloryHome, "learner"), noRight("create", "serviceaccounts/token")),
		"request one in the lab":          s.refused("another name", tokenOf(in, "default"), noRight("create", "serviceaccounts/token")),
		"request the operator's":          s.refused("all that the operator may", tokenOf(testenv.OperatorNamespace, "lab-operator"), noRight("create", "serviceaccounts/token")),
		"request the deployer's":          s.refused("all that the deployer may", tokenOf(testenv.OperatorNamespace, "lab-deployer"), noRight("create", "serviceaccounts/token")),
		"hoard a token in a Secret": s.refusedLike("access that never ends", create(hoarded), byPolicy("lab-operator-workloads", "Secrets of the type kubernetes.io/service-account-token hand out tokens"),
			s.elsewhere(create(inHome(hoarded)))),
		"ask what others may":        s.refused("knowledge of whom to attack", post(review), noRight("create", "subjectaccessreviews")),
		"be the operator":            s.impersonate("all that the operator may", rest.ImpersonationConfig{UserName: testenv.OperatorAccount}),
		"be the deployer":            s.impersonate("all that the deployer may", rest.ImpersonationConfig{UserName: testenv.DeployerAccount}),
		"be an administrator":        s.impersonate("everything", rest.ImpersonationConfig{UserName: "kubernetes-admin", Groups: []string{"system:masters"}}),
		"be another learner":         s.impersonate("another's lab", rest.ImpersonationConfig{UserName: "system:serviceaccount:" + aliceHome + ":learner"}),
		"be a node":                  s.impersonate("a way past the guardrails", rest.ImpersonationConfig{UserName: "system:node:any", Groups: []string{"system:nodes"}}),
		"find a right nobody meant":  {gain: "whatever it is for", try: s.findRights},
		"hand the own groups around": s.impersonate("a way past the guardrails", rest.ImpersonationConfig{UserName: mallory, Groups: []string{"system:serviceaccounts:kube-system"}}),
	}
}

// inHome is a copy of an object in the namespace of mallory's Labs, which is no lab's.
func inHome(o client.Object) client.Object {
	moved := copyOf(o)
	moved.SetNamespace(malloryHome)
	return moved
}

// mayNot asks the authorizer about a verb that is no request.
func (s *stage) mayNot(gain, verb, group, resource, namespace string) attack {
	ask := func(ctx context.Context, c client.Client) (bool, error) {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Group: group, Resource: resource, Namespace: namespace},
		}}
		err := c.Create(ctx, review)
		return review.Status.Allowed, err
	}
	return attack{gain: gain, try: func(t *testing.T) {
		allowed, err := ask(t.Context(), s.mallory.client)
		must(t, err)
		if allowed {
			t.Errorf("a learner may %s %s", verb, resource)
		}
		if allowed, err = ask(t.Context(), s.admin); err != nil || !allowed {
			t.Errorf("it is not well-formed: the administrator may: %t, %v", allowed, err)
		}
	}}
}

// impersonate acts as another.
func (s *stage) impersonate(gain string, as rest.ImpersonationConfig) attack {
	whoami := func(ctx context.Context, config *rest.Config) error {
		typed, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		_, err = typed.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		return err
	}
	return attack{gain: gain, try: func(t *testing.T) {
		config := rest.CopyConfig(s.mallory.config)
		config.Impersonate = as
		want := refusal{http.StatusForbidden, fmt.Sprintf("User %q cannot impersonate", mallory)}
		if err := want.check(whoami(t.Context(), config)); err != nil {
			t.Error(err)
		}
		config = rest.CopyConfig(s.config)
		config.Impersonate = as
		if err := whoami(t.Context(), config); err != nil {
			t.Errorf("it is not well-formed: the administrator gets %v", err)
		}
	}}
}

// findRights lists what a learner may in namespaces that are none of a learner's business.
func (s *stage) findRights(t *testing.T) {
	everybodys := map[string]bool{
		"create selfsubjectaccessreviews": true, "create selfsubjectrulesreviews": true, "create selfsubjectreviews": true,
		"get exerciserevisions": true, "list exerciserevisions": true, "watch exerciserevisions": true, "get topics": true, "list topics": true, "watch topics": true,
		"get clustertrustbundles": true, "list clustertrustbundles": true, "watch clustertrustbundles": true,
	}
	rights := func(c client.Client, namespace string) []string {
		review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
		must(t, c.Create(t.Context(), review))
		var all []string
		for _, rule := range review.Status.ResourceRules {
			for _, verb := range rule.Verbs {
				for _, resource := range rule.Resources {
					all = append(all, verb+" "+resource)
				}
			}
		}
		return all
	}
	for _, namespace := range []string{"kube-system", "default", testenv.OperatorNamespace, aliceHome, s.alice.environment} {
		for _, right := range rights(s.mallory.client, namespace) {
			if !everybodys[right] {
				t.Errorf("in %s a learner may %s", namespace, right)
			}
		}
	}
	if own := strings.Join(rights(s.mallory.client, s.mallory.environment), ","); !strings.Contains(own, "create pods") {
		t.Errorf("in the own lab a learner may only %s: this shows nothing", own)
	}
}
