package metrics

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// TestTheOperatorIsScraped follows the names from the ServiceMonitor to the port of the pod.
func TestTheOperatorIsScraped(t *testing.T) {
	deployment := decoded[appsv1.Deployment](t, built(t, "config/manager")["Deployment"])
	pod := deployment.Spec.Template
	objects := built(t, "config/prometheus")
	service := decoded[corev1.Service](t, objects["Service"])
	if service.Namespace != deployment.Namespace {
		t.Errorf("the Service is in namespace %q, the operator in %q", service.Namespace, deployment.Namespace)
	}
	if diff := cmp.Diff(pod.Labels, service.Spec.Selector); diff != "" {
		t.Errorf("labels that the Service selects (-pod +selector):\n%s", diff)
	}
	target := service.Spec.Ports[0].TargetPort.StrVal
	if !slices.ContainsFunc(pod.Spec.Containers[0].Ports, func(port corev1.ContainerPort) bool {
		return port.Name == target && port.ContainerPort == 8080
	}) {
		t.Errorf("the pod has no port %q that is 8080", target)
	}
	monitor := objects["ServiceMonitor"]
	selected, _, _ := unstructured.NestedStringMap(monitor.Object, "spec", "selector", "matchLabels")
	for name, value := range selected {
		if service.Labels[name] != value {
			t.Errorf("the ServiceMonitor selects %s=%s, the Service has %q", name, value, service.Labels[name])
		}
	}
	job, _, _ := unstructured.NestedString(monitor.Object, "spec", "jobLabel")
	if service.Labels[job] != "lab-operator" {
		t.Errorf("the job is called %q, rules and dashboard expect lab-operator", service.Labels[job])
	}
	endpoints, _, _ := unstructured.NestedSlice(monitor.Object, "spec", "endpoints")
	if len(endpoints) != 1 || endpoints[0].(map[string]any)["port"] != service.Spec.Ports[0].Name {
		t.Errorf("the ServiceMonitor looks at %v, the Service has the port %q", endpoints, service.Spec.Ports[0].Name)
	}
}

func TestPodsOfLabsAreKeptOut(t *testing.T) {
	policy := decoded[networkingv1.NetworkPolicy](t, built(t, "config/prometheus")["NetworkPolicy"])
	for _, rule := range policy.Spec.Ingress {
		if !slices.ContainsFunc(rule.Ports, func(port networkingv1.NetworkPolicyPort) bool { return port.Port.StrVal == "metrics" }) {
			continue
		}
		if len(rule.From) != 1 || rule.From[0].NamespaceSelector == nil {
			t.Fatalf("the metrics are open to %v", rule.From)
		}
		expressions := rule.From[0].NamespaceSelector.MatchExpressions
		if len(expressions) != 1 || expressions[0].Key != v1beta1.LabUIDLabel || expressions[0].Operator != "DoesNotExist" {
			t.Errorf("the metrics are open to namespaces with %v, want those without the label of labs", expressions)
		}
		return
	}
	t.Error("nobody is let in")
}
