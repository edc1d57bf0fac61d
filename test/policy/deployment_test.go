package policy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// TestDeployment is about what pod security does not ask for. That the pod is admitted at the level restricted is seen
// on the API server.
func TestDeployment(t *testing.T) {
	deployment := ofKind[appsv1.Deployment](t, manifests(t, configDir+"/default"), "Deployment")["lab-operator"]
	pod := deployment.Spec.Template.Spec
	if pod.ServiceAccountName != "lab-operator" {
		t.Errorf("it runs as %q, want lab-operator", pod.ServiceAccountName)
	}
	if uid := pod.SecurityContext.RunAsUser; uid == nil || *uid == 0 {
		t.Errorf("its user is %v, want a number: the kubelet cannot tell from a name that it is not root", uid)
	}
	container := pod.Containers[0]
	if readOnly := container.SecurityContext.ReadOnlyRootFilesystem; readOnly == nil || !*readOnly {
		t.Error("its root file system can be written")
	}
	if _, limited := container.Resources.Limits[corev1.ResourceCPU]; limited {
		t.Error("its CPU is limited: it would be throttled while it catches up")
	}
	for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if _, requested := container.Resources.Requests[resource]; !requested {
			t.Errorf("it requests no %s", resource)
		}
	}
	if container.ImagePullPolicy != corev1.PullIfNotPresent {
		t.Errorf("the pull policy is %s: an image that was loaded into a node could not be used", container.ImagePullPolicy)
	}
	want := []string{"--leader-elect", "--health-probe-bind-address=:8081", "--metrics-bind-address=:8080"}
	if diff := cmp.Diff(want, container.Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path {
			t.Errorf("no probe asks for %s: %v", path, probe)
			continue
		}
		if !slices.ContainsFunc(container.Ports, func(port corev1.ContainerPort) bool {
			return port.Name == probe.HTTPGet.Port.StrVal && port.ContainerPort == 8081
		}) {
			t.Errorf("the probe of %s asks at %s, which is not 8081", path, probe.HTTPGet.Port.String())
		}
	}
	if !slices.ContainsFunc(container.Env, func(env corev1.EnvVar) bool {
		return env.Name == "POD_NAMESPACE" && env.ValueFrom != nil && env.ValueFrom.FieldRef.FieldPath == "metadata.namespace"
	}) {
		t.Error("it is not told its namespace")
	}
}

// TestRulesNameTheirScope is about tools that compare what is applied with what is there: in a list they don't know what the
// API server fills in.
func TestRulesNameTheirScope(t *testing.T) {
	policies := ofKind[admissionv1.ValidatingAdmissionPolicy](t, manifests(t, configDir+"/default"), "ValidatingAdmissionPolicy")
	if len(policies) == 0 {
		t.Fatal("there are no policies")
	}
	for name, policy := range policies {
		for i, rule := range policy.Spec.MatchConstraints.ResourceRules {
			if rule.Scope == nil {
				t.Errorf("rule %d of %s has no scope", i, name)
			}
		}
	}
}
