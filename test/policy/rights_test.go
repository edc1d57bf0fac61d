package policy

import (
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// attributes spells out "verb resource.group/subresource" as the API server's authorizer wants it.
func attributes(namespace, right string) *authorizationv1.ResourceAttributes {
	verb, what, _ := strings.Cut(right, " ")
	what, subresource, _ := strings.Cut(what, "/")
	resource, group, _ := strings.Cut(what, ".")
	return &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Group: group, Resource: resource, Subresource: subresource}
}

// reviewRights asks the authorizer what RBAC gives to whom.
func (c *cluster) reviewRights(t *testing.T) {
	tests := map[string]struct {
		who       string
		namespace string
		may       []string
		mayNot    []string
	}{
		"a learner works in the lab with kubectl and helm": {
			who: learner, namespace: labNamespace,
			may: []string{
				"create pods", "delete pods", "deletecollection pods", "get pods/log", "create pods/exec", "get pods/exec", "create pods/attach",
				"create pods/portforward", "get pods/portforward", "patch pods/ephemeralcontainers", "patch pods/resize",
				"create services", "patch configmaps", "create secrets", "list secrets", "delete secrets", "create persistentvolumeclaims",
				"create serviceaccounts", "list events", "list events.events.k8s.io", "get namespaces",
				"create deployments.apps", "patch deployments.apps/scale", "update statefulsets.apps/scale", "list replicasets.apps", "list controllerrevisions.apps",
				"create statefulsets.apps", "create jobs.batch", "create cronjobs.batch",
				"create horizontalpodautoscalers.autoscaling", "create poddisruptionbudgets.policy",
				"list pods.metrics.k8s.io", "list resourcequotas", "list limitranges", "list networkpolicies.networking.k8s.io",
				"list ingresses.networking.k8s.io", "list endpointslices.discovery.k8s.io", "list replicationcontrollers", "list daemonsets.apps",
			},
			mayNot: []string{
				"create rolebindings.rbac.authorization.k8s.io", "create roles.rbac.authorization.k8s.io", "delete rolebindings.rbac.authorization.k8s.io",
				"update resourcequotas", "delete resourcequotas", "patch resourcequotas/status", "create resourcequotas", "delete limitranges",
				"create networkpolicies.networking.k8s.io", "delete networkpolicies.networking.k8s.io", "create ingresses.networking.k8s.io",
				"create serviceaccounts/token", "impersonate serviceaccounts", "impersonate users", "create pods/eviction", "get services/proxy",
				"patch horizontalpodautoscalers.autoscaling/status", "patch deployments.apps/status", "patch pods/status", "create endpointslices.discovery.k8s.io",
				"create endpoints", "create daemonsets.apps", "delete namespaces", "patch namespaces", "update namespaces/finalize", "create labs.learning.lab-operator.dev",
			},
		},
		"a learner changes Labs but makes none": {
			who: learner, namespace: "default",
			may: []string{"list labs.learning.lab-operator.dev", "watch labs.learning.lab-operator.dev", "patch labs.learning.lab-operator.dev", "list events", "list events.events.k8s.io"},
			mayNot: []string{
				"create labs.learning.lab-operator.dev", "delete labs.learning.lab-operator.dev", "patch labs.learning.lab-operator.dev/status",
				"update labs.learning.lab-operator.dev/finalizers", "administer labs.learning.lab-operator.dev", "list pods", "list secrets",
			},
		},
		"a learner reads the catalog but no keys": {
			who: learner,
			may: []string{"list exerciserevisions.learning.lab-operator.dev", "list topics.learning.lab-operator.dev"},
			mayNot: []string{
				"list exercises.learning.lab-operator.dev", "get exercises.learning.lab-operator.dev", "list answerkeys.learning.lab-operator.dev",
				"patch topics.learning.lab-operator.dev", "create exerciserevisions.learning.lab-operator.dev",
				"delete exerciserevisions.learning.lab-operator.dev", "list nodes", "list secrets",
			},
		},
		"a learner sees nothing of the operator's": {
			who: learner, namespace: operatorNamespace,
			mayNot: []string{"list answerkeys.learning.lab-operator.dev", "list controllerrevisions.apps", "list secrets", "list pods"},
		},
		"the operator looks everywhere but into Secrets": {
			who: operator,
			may: []string{
				"watch pods", "watch nodes", "watch horizontalpodautoscalers.autoscaling", "watch labs.learning.lab-operator.dev",
				"patch labs.learning.lab-operator.dev/status", "create namespaces", "delete namespaces", "create events.events.k8s.io",
				"list apiservices.apiregistration.k8s.io", "create labs.learning.lab-operator.dev", "patch secrets",
				"create exerciserevisions.learning.lab-operator.dev", "delete exerciserevisions.learning.lab-operator.dev",
			},
			mayNot: []string{
				"patch exerciserevisions.learning.lab-operator.dev", "update exerciserevisions.learning.lab-operator.dev",
				"get secrets", "list secrets", "watch secrets", "list answerkeys.learning.lab-operator.dev", "patch namespaces", "update namespaces",
				"create pods", "create deployments.apps", "impersonate serviceaccounts", "escalate clusterroles.rbac.authorization.k8s.io",
				"create serviceaccounts", "create serviceaccounts/token", "bind clusterroles.rbac.authorization.k8s.io", "create clusterrolebindings.rbac.authorization.k8s.io", "delete resourcequotas",
			},
		},
		"the operator keeps its papers in its own namespace": {
			who: operator, namespace: operatorNamespace,
			may: []string{
				"list answerkeys.learning.lab-operator.dev", "watch answerkeys.learning.lab-operator.dev", "create controllerrevisions.apps",
				"watch controllerrevisions.apps", "delete controllerrevisions.apps", "update leases.coordination.k8s.io", "create events",
			},
			mayNot: []string{"patch controllerrevisions.apps", "get secrets", "create pods", "patch answerkeys.learning.lab-operator.dev", "impersonate serviceaccounts", "create serviceaccounts/token"},
		},
		"the operator keeps an attendee's account": {
			who: operator, namespace: attendeeNamespace,
			may:    []string{"create serviceaccounts", "patch serviceaccounts", "delete serviceaccounts", "create serviceaccounts/token"},
			mayNot: []string{"get secrets", "create pods", "create roles.rbac.authorization.k8s.io"},
		},
		"the deployer makes what a setup holds": {
			who: deployer, namespace: labNamespace,
			may: []string{
				"create deployments.apps", "patch deployments.apps", "get deployments.apps", "create secrets", "create services", "create configmaps",
				"create persistentvolumeclaims", "create serviceaccounts", "create statefulsets.apps", "create daemonsets.apps", "create jobs.batch",
				"create cronjobs.batch", "create horizontalpodautoscalers.autoscaling", "create poddisruptionbudgets.policy",
				"create ingresses.networking.k8s.io", "create networkpolicies.networking.k8s.io", "create pods",
				"delete deployments.apps", "delete configmaps", "delete secrets", "delete pods",
			},
			mayNot: []string{
				"create rolebindings.rbac.authorization.k8s.io", "create roles.rbac.authorization.k8s.io", "patch resourcequotas", "patch limitranges",
				"delete resourcequotas", "delete limitranges", "delete rolebindings.rbac.authorization.k8s.io", "deletecollection pods",
				"create serviceaccounts/token", "create pods/exec",
			},
		},
		"the deployer has no right elsewhere": {
			who: deployer, namespace: "kube-system",
			mayNot: []string{"create configmaps", "get secrets", "create pods", "get configmaps"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, right := range tc.may {
				if !c.allowed(t, tc.who, tc.namespace, right) {
					t.Errorf("%s may not: %s", tc.who, right)
				}
			}
			for _, right := range tc.mayNot {
				if c.allowed(t, tc.who, tc.namespace, right) {
					t.Errorf("%s may: %s", tc.who, right)
				}
			}
		})
	}
}

func (c *cluster) allowed(t *testing.T, who, namespace, right string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: who, Groups: []string{"system:authenticated"}, ResourceAttributes: attributes(namespace, right),
	}}
	c.must(t, c.admin.Create(t.Context(), review))
	return review.Status.Allowed
}

// impersonate tries whom the operator can act as.
func (c *cluster) impersonate(t *testing.T) {
	tests := map[string]struct {
		as     rest.ImpersonationConfig
		wantOK bool
	}{
		"the deployer":           {rest.ImpersonationConfig{UserName: deployer}, true},
		"the learner":            {rest.ImpersonationConfig{UserName: learner}, false},
		"another of its own":     {rest.ImpersonationConfig{UserName: "system:serviceaccount:" + operatorNamespace + ":default"}, false},
		"a group beside":         {rest.ImpersonationConfig{UserName: deployer, Groups: []string{"system:masters"}}, false},
		"a user":                 {rest.ImpersonationConfig{UserName: "someone"}, false},
		"the namespace's keeper": {rest.ImpersonationConfig{UserName: namespaceController}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			config := c.tokens[operator]
			as := rest.CopyConfig(config)
			as.Impersonate = tc.as
			rules := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: labNamespace}}
			err := c.connect(t, as).Create(t.Context(), rules)
			if (err == nil) != tc.wantOK {
				t.Errorf("impersonating gives %v, want success: %t", err, tc.wantOK)
			}
		})
	}
}

// admitOperatorPod tries the pod of the operator's Deployment in its namespace, which enforces the level restricted.
func (c *cluster) admitOperatorPod(t *testing.T) {
	deployment := c.operatorDeployment(t)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "operator"}, Spec: deployment.Spec.Template.Spec}
	c.must(t, client.NewDryRunClient(c.admin).Create(t.Context(), pod))

	// Were the level not enforced, this would pass too.
	pod.ResourceVersion = ""
	pod.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = ptr.To(true)
	err := client.NewDryRunClient(c.admin).Create(t.Context(), pod)
	if err == nil || !strings.Contains(err.Error(), "violates PodSecurity") {
		t.Errorf("a pod that may gain privileges gives %v, want it refused", err)
	}
}
