//go:build cluster

package security

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	// victimLab is a Lab in default whose namespace somebody has taken before it.
	victimLab       = "sec-victim"
	victimNamespace = "lab-" + victimLab
)

// onGuardrails are attacks on the fence of the lab.
func (s *stage) onGuardrails() map[string]attack {
	in := s.mallory.environment
	own := named("v1", "Namespace", "", in)
	quota, limits := named("v1", "ResourceQuota", in, "lab"), named("v1", "LimitRange", in, "lab")
	network := named("networking.k8s.io/v1", "NetworkPolicy", in, "lab")
	binding := named("rbac.authorization.k8s.io/v1", "RoleBinding", in, "lab-operator-learner")
	free := named("v1", "Namespace", "", "lab-sec-free")
	forged := object("", `{apiVersion: v1, kind: Namespace, metadata: {name: lab-sec-free, labels: {learning.lab-operator.dev/lab-uid: "1"}}}`)
	counted := patchSub(quota, "status", types.MergePatchType, `{"status":{"hard":{"pods":"99"}}}`)
	counted.part = []string{"status", "hard"}
	finalize := action{about: []client.Object{own}, do: func(ctx context.Context, c client.Client) error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in}}
		return c.SubResource("finalize").Update(ctx, namespace)
	}}
	return map[string]attack{
		"make a namespace":                          s.refused("room without a fence", create(free), noRight("create", "namespaces")),
		"make a namespace with another lab's label": s.refusedLike("a namespace that counts as a lab's", create(forged), noRight("create", "namespaces"), s.elsewhere(create(free))),
		"make one with the label as administrator":  {gain: "a namespace that counts as a lab's", try: func(t *testing.T) { s.administratorForges(t, forged) }},
		"take a lab's name before it":               {gain: "a lab that is set up in one's own namespace", try: s.takeName},
		"relabel the own namespace":                 s.refused("pods without pod security", patch(own, `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}`), noRight("patch", "namespaces")),
		"relabel it by its status":                  s.refused("pods without pod security", patchSub(own, "status", types.MergePatchType, `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"privileged"}}}`), noRight("patch", "namespaces/status")),
		"finalize the own namespace":                s.refusedLike("objects that outlive it", finalize, noRight("update", "namespaces/finalize"), nothingToProve),
		"delete the own namespace":                  s.refused("a fresh one without asking", remove(own), noRight("delete", "namespaces")),
		"raise the quota":                           s.refused("more of the cluster", patch(quota, `{"spec":{"hard":{"pods":"99"}}}`), noRight("patch", "resourcequotas")),
		"raise the quota by its status":             s.refused("more of the cluster", counted, noRight("patch", "resourcequotas/status")),
		"delete the quota":                          s.refused("more of the cluster", remove(quota), noRight("delete", "resourcequotas")),
		"delete all quotas":                         s.refused("more of the cluster", removeAll(&corev1.ResourceQuota{}, in, quota), noRight("deletecollection", "resourcequotas")),
		"delete the limits":                         s.refused("pods without limits", remove(limits), noRight("delete", "limitranges")),
		"add limits of one's own": s.refused("other defaults", create(object(in, `{apiVersion: v1, kind: LimitRange, metadata: {name: mine},
			spec: {limits: [{type: Container, default: {memory: 1Gi}}]}}`)), noRight("create", "limitranges")),
		"delete the isolation": s.refused("the network", remove(network), noRight("delete", "networkpolicies")),
		"open the isolation":   s.refused("the network", patch(network, `{"spec":{"egress":[{}]}}`), noRight("patch", "networkpolicies")),
		"add a way out beside it": s.refused("the network", create(object(in, `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out},
			spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}}`)), noRight("create", "networkpolicies")),
		"delete the own binding":  s.refused("nothing, but the deployer's is beside it", remove(binding), noRight("delete", "rolebindings")),
		"add somebody to the own": s.refused("another learner in the lab", patch(binding, `{"subjects":[{"kind":"ServiceAccount","name":"learner","namespace":"sec-alice"}]}`), noRight("patch", "rolebindings")),
	}
}

// nothingToProve is for requests that have no form to get wrong: to allow them anywhere would do what they are for.
func nothingToProve(context.Context) error { return nil }

// administratorForges tries what even an administrator's mistake must not do.
func (s *stage) administratorForges(t *testing.T, forged client.Object) {
	err := byPolicy("lab-operator-namespaces", "only the operator creates namespaces with the label").check(s.admin.Create(t.Context(), copyOf(forged)))
	if err != nil {
		t.Error(err)
	}
	plain := copyOf(forged)
	plain.SetLabels(nil)
	must(t, client.NewDryRunClient(s.admin).Create(t.Context(), plain))
}

// takeName has a namespace stand where that of a Lab would be.
func (s *stage) takeName(t *testing.T) {
	taken := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: victimNamespace, Labels: map[string]string{
		v1beta1.LabNameLabel: victimLab, v1beta1.LabNamespaceLabel: "default", "app.kubernetes.io/managed-by": "lab-operator",
	}}}
	s.make(t, taken)
	s.make(t, object(victimNamespace, `{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}, data: {a: b}}`))
	about := action{about: []client.Object{
		named("v1", "Namespace", "", victimNamespace), named("v1", "ConfigMap", victimNamespace, "mine"),
		named("v1", "ResourceQuota", victimNamespace, "lab"), named("rbac.authorization.k8s.io/v1", "RoleBinding", victimNamespace, "lab-operator-learner"),
		named("v1", "ConfigMap", victimNamespace, "rules"),
	}}
	before := s.look(t, about)
	key := types.NamespacedName{Namespace: "default", Name: victimLab}
	s.make(t, labOf(key, rangeName))
	eventually(t, "the Lab says that its name is taken", func() bool {
		condition := meta.FindStatusCondition(s.lab(t, key).Status.Conditions, v1beta1.ConditionProvisioned)
		return condition != nil && condition.Reason == v1beta1.ReasonNamespaceTaken && strings.Contains(condition.Message, victimNamespace)
	})
	must(t, s.admin.Delete(t.Context(), labOf(key, rangeName)))
	eventually(t, "the Lab is gone", func() bool { return s.isGone(t, named(labVersion, "Lab", key.Namespace, key.Name)) })
	if after := s.look(t, about); after != before {
		t.Errorf("the namespace of somebody else was changed:\n%s\nwas\n%s", after, before)
	}
}
