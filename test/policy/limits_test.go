package policy

import (
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// restrictedPod is a pod as restricted pod security wants it, that asks for nothing.
func restrictedPod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: name},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot:   ptr.To(true),
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "main", Image: "web:1",
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: ptr.To(false),
					Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
}

// tryLimits shows what the API server makes of a pod that asks for nothing, in both kinds of lab. The guardrails are
// replaced in turn, as the operator.
func (c *cluster) tryLimits(t *testing.T) {
	tests := map[string]struct {
		defaultRequests bool
		wantCPU         string
	}{
		"no CPU request is given where setting one is the exercise": {defaultRequests: false, wantCPU: "0"},
		"a CPU request is given elsewhere":                          {defaultRequests: true, wantCPU: "83m"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			pod := c.applyGuardrails(t, tc.defaultRequests, tc.wantCPU)
			got := pod.Spec.Containers[0].Resources
			if got.Limits.Memory().String() != "64Mi" || got.Requests.Memory().String() != "32Mi" {
				t.Errorf("memory is %s of %s, want 32Mi of 64Mi", got.Requests.Memory(), got.Limits.Memory())
			}
			if got.Limits.StorageEphemeral().String() != "1Gi" || !got.Requests.StorageEphemeral().IsZero() {
				t.Errorf("scratch space is %s of %s, want none of 1Gi", got.Requests.StorageEphemeral(), got.Limits.StorageEphemeral())
			}
			if _, limited := got.Limits[corev1.ResourceCPU]; limited {
				t.Errorf("CPU is limited to %s: it would be throttled", got.Limits.Cpu())
			}
		})
	}
	c.applyGuardrails(t, false, "0")

	t.Run("a pod larger than the lab is refused", func(t *testing.T) {
		pod := restrictedPod("large")
		pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")}
		err := client.NewDryRunClient(c.clients[learner]).Create(t.Context(), pod)
		if err == nil || !strings.Contains(err.Error(), "exceeded quota: lab, requested: limits.memory=1Gi") {
			t.Errorf("got %v, want it refused by the quota", err)
		}
	})
	t.Run("a pod that would fill a node's disk is refused", func(t *testing.T) {
		pod := restrictedPod("large")
		pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceEphemeralStorage: resource.MustParse("100Gi")}
		err := client.NewDryRunClient(c.clients[learner]).Create(t.Context(), pod)
		if err == nil || !strings.Contains(err.Error(), "exceeded quota: lab, requested: limits.ephemeral-storage=100Gi") {
			t.Errorf("got %v, want it refused by the quota", err)
		}
	})
	t.Run("a port of every node is refused", func(t *testing.T) {
		service := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "web"},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80}}},
		}
		err := client.NewDryRunClient(c.clients[learner]).Create(t.Context(), service)
		if err == nil || !strings.Contains(err.Error(), "exceeded quota: lab, requested: services.nodeports=1") {
			t.Errorf("got %v, want it refused by the quota", err)
		}
	})
}

// applyGuardrails does what the operator does, and returns what becomes of a pod that asks for nothing: one that
// requests wantCPU. The API server looks at limit ranges and quotas through caches, so that takes a moment.
func (c *cluster) applyGuardrails(t *testing.T, defaultRequests bool, wantCPU string) *corev1.Pod {
	t.Helper()
	settings := guardrail.Settings{OperatorNamespace: operatorNamespace}
	for _, object := range guardrail.Objects(settings, c.lab, labNamespace, exercise(defaultRequests)) {
		c.must(t, c.clients[operator].Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("lab-operator"), client.ForceOwnership))
	}
	c.countQuota(t)
	var pod *corev1.Pod
	c.eventually(t, func() bool {
		pod = restrictedPod("asks-for-nothing")
		err := client.NewDryRunClient(c.clients[learner]).Create(t.Context(), pod)
		return err == nil && pod.Spec.Containers[0].Resources.Requests.Cpu().Cmp(resource.MustParse(wantCPU)) == 0
	})
	return pod
}

// warnings collects what the API server warns of.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeader keeps a warning.
func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

// tryPodSecurity shows that a learner is told at once why pods will not start.
func (c *cluster) tryPodSecurity(t *testing.T) {
	seen := &warnings{}
	config := rest.CopyConfig(c.tokens[learner])
	config.WarningHandler = seen
	as := client.NewDryRunClient(c.connect(t, config))

	usual := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "load-generator"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "load-generator", Image: "busybox:1.37"}}},
	}
	if err := as.Create(t.Context(), usual); err == nil || !strings.Contains(err.Error(), `violates PodSecurity "restricted:v1.37"`) {
		t.Errorf("a pod without a security context gives %v, want it refused with the reason", err)
	}
	deployment := setup()[0]
	unstructured.RemoveNestedField(deployment.Object, "metadata", "labels")
	deployment.SetName("load-generator")
	c.must(t, as.Create(t.Context(), deployment))
	if all := strings.Join(seen.texts, "\n"); !strings.Contains(all, `would violate PodSecurity "restricted:v1.37"`) {
		t.Errorf("a Deployment whose pods will be refused gives the warnings %q, want the reason", all)
	}
}
