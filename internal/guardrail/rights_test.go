package guardrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/lab-operator/lab-operator/internal/guardrail"
)

func TestBindings(t *testing.T) {
	tests := map[string]struct {
		settings guardrail.Settings
		lab      guardrail.Lab
		binding  string
		want     rbacv1.Subject
	}{
		"the deployer is in the operator's namespace": {
			settings: guardrail.Settings{OperatorNamespace: "operators", Deployer: "someone"},
			lab:      hpaLab(),
			binding:  guardrail.DeployerRole,
			want:     rbacv1.Subject{Kind: "ServiceAccount", Namespace: "operators", Name: "someone"},
		},
		"the deployer has a name by default": {
			settings: guardrail.Settings{OperatorNamespace: "operators"},
			lab:      hpaLab(),
			binding:  guardrail.DeployerRole,
			want:     rbacv1.Subject{Kind: "ServiceAccount", Namespace: "operators", Name: "lab-deployer"},
		},
		"the learner is in the namespace of the Lab": {
			settings: settings(),
			lab:      guardrail.Lab{Name: "hpa", Namespace: "team-a", UID: "uid-2"},
			binding:  guardrail.LearnerRole,
			want:     rbacv1.Subject{Kind: "ServiceAccount", Namespace: "team-a", Name: "learner"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			objects := guardrail.Objects(tc.settings, tc.lab, "lab-x", hpaSpec())
			got := find[rbacv1.RoleBinding](t, objects, "RoleBinding", tc.binding)
			if diff := cmp.Diff([]rbacv1.Subject{tc.want}, got.Subjects); diff != "" {
				t.Errorf("subjects (-want +got):\n%s", diff)
			}
			wantRole := rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: tc.binding}
			if diff := cmp.Diff(wantRole, got.RoleRef); diff != "" {
				t.Errorf("role (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetworkPolicyAllowsTheNamespaceAndDNSAlone(t *testing.T) {
	got := find[networkingv1.NetworkPolicy](t, guardrail.Objects(settings(), hpaLab(), "lab-hpa", hpaSpec()), "NetworkPolicy", "lab").Spec
	everyPod := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
	want := networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{everyPod}}},
		Egress: []networkingv1.NetworkPolicyEgressRule{
			{To: []networkingv1.NetworkPolicyPeer{everyPod}},
			{
				To: []networkingv1.NetworkPolicyPeer{{
					NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "kube-system"}},
					PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}},
				}},
				Ports: []networkingv1.NetworkPolicyPort{
					{Protocol: ptr.To(corev1.ProtocolUDP), Port: ptr.To(intstr.FromInt32(53))},
					{Protocol: ptr.To(corev1.ProtocolTCP), Port: ptr.To(intstr.FromInt32(53))},
				},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("network policy (-want +got):\n%s", diff)
	}
}
