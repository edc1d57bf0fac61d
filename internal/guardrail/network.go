package guardrail

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingac "k8s.io/client-go/applyconfigurations/networking/v1"
)

// networkPolicy lets the lab's pods talk to each other and to the cluster's DNS, and to nothing else. It is one object
// for all three, since it takes every pod out of the default of allowing all.
func networkPolicy(namespace string, labels map[string]string) *networkingac.NetworkPolicyApplyConfiguration {
	sameNamespace := networkingac.NetworkPolicyPeer().WithPodSelector(metaac.LabelSelector())
	dns := networkingac.NetworkPolicyPeer().
		WithNamespaceSelector(metaac.LabelSelector().WithMatchLabels(map[string]string{corev1.LabelMetadataName: metav1.NamespaceSystem})).
		WithPodSelector(metaac.LabelSelector().WithMatchLabels(map[string]string{"k8s-app": "kube-dns"}))
	port := func(protocol corev1.Protocol) *networkingac.NetworkPolicyPortApplyConfiguration {
		return networkingac.NetworkPolicyPort().WithProtocol(protocol).WithPort(intstr.FromInt32(53))
	}
	return networkingac.NetworkPolicy(name, namespace).
		WithLabels(labels).
		WithSpec(networkingac.NetworkPolicySpec().
			WithPodSelector(metaac.LabelSelector()).
			WithPolicyTypes(networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress).
			WithIngress(networkingac.NetworkPolicyIngressRule().WithFrom(sameNamespace)).
			WithEgress(
				networkingac.NetworkPolicyEgressRule().WithTo(sameNamespace),
				networkingac.NetworkPolicyEgressRule().WithTo(dns).WithPorts(port(corev1.ProtocolUDP), port(corev1.ProtocolTCP)),
			))
}
