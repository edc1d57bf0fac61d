package guardrail_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// liveOf is a guardrail as a typed cache holds it.
func liveOf(t *testing.T, wanted *unstructured.Unstructured) client.Object {
	t.Helper()
	object, err := scheme.Scheme.New(wanted.GroupVersionKind())
	if err != nil {
		t.Fatal(err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(wanted.Object, object); err != nil {
		t.Fatal(err)
	}
	return object.(client.Object)
}

func TestMatch(t *testing.T) {
	label := func(key, value string) func(client.Object) {
		return func(live client.Object) {
			labels := maps.Clone(live.GetLabels())
			labels[key] = value
			live.SetLabels(labels)
		}
	}
	quota := func(edit func(*corev1.ResourceQuota)) func(client.Object) {
		return func(live client.Object) { edit(live.(*corev1.ResourceQuota)) }
	}
	bound := func(name corev1.ResourceName, value string) func(client.Object) {
		return quota(func(live *corev1.ResourceQuota) { live.Spec.Hard[name] = resource.MustParse(value) })
	}
	limits := func(edit func(*corev1.LimitRange)) func(client.Object) {
		return func(live client.Object) { edit(live.(*corev1.LimitRange)) }
	}
	policy := func(edit func(*networkingv1.NetworkPolicySpec)) func(client.Object) {
		return func(live client.Object) { edit(&live.(*networkingv1.NetworkPolicy).Spec) }
	}
	binding := func(edit func(*rbacv1.RoleBinding)) func(client.Object) {
		return func(live client.Object) { edit(live.(*rbacv1.RoleBinding)) }
	}
	tests := map[string]struct {
		kind, name string
		edit       func(live client.Object)
		want       bool
	}{
		"an untouched quota":                {"ResourceQuota", "lab", func(client.Object) {}, true},
		"an untouched quota of some pods":   {"ResourceQuota", "lab-isolation", func(client.Object) {}, true},
		"an untouched limit range":          {"LimitRange", "lab", func(client.Object) {}, true},
		"an untouched network policy":       {"NetworkPolicy", "lab", func(client.Object) {}, true},
		"an untouched role binding":         {"RoleBinding", guardrail.LearnerRole, func(client.Object) {}, true},
		"a further label":                   {"ResourceQuota", "lab", label("x", "x"), true},
		"a label with another value":        {"RoleBinding", guardrail.LearnerRole, label(v1beta1.ProtectedLabel, "x"), false},
		"no labels":                         {"NetworkPolicy", "lab", func(live client.Object) { live.SetLabels(nil) }, false},
		"an annotation with another value":  {"RoleBinding", guardrail.LearnerRole, func(live client.Object) { live.SetAnnotations(map[string]string{"setup": "x"}) }, false},
		"a status":                          {"ResourceQuota", "lab", quota(func(live *corev1.ResourceQuota) { live.Status.Used = live.Spec.Hard }), true},
		"the same quantity in another form": {"ResourceQuota", "lab", bound("pods", "12000m"), true},
		"a bound that was raised":           {"ResourceQuota", "lab", bound("pods", "13"), false},
		"a bound of zero that was raised":   {"ResourceQuota", "lab", bound("services.nodeports", "1"), false},
		"a bound that was taken away":       {"ResourceQuota", "lab", quota(func(live *corev1.ResourceQuota) { delete(live.Spec.Hard, "pods") }), false},
		"a further bound":                   {"ResourceQuota", "lab", bound("count/pods.example.com", "1"), true},
		"a quota of only some pods":         {"ResourceQuota", "lab", quota(func(live *corev1.ResourceQuota) { live.Spec.Scopes = []corev1.ResourceQuotaScope{"BestEffort"} }), false},
		"a quota of other pods": {"ResourceQuota", "lab-isolation", quota(func(live *corev1.ResourceQuota) {
			live.Spec.ScopeSelector.MatchExpressions[0].ScopeName = "Terminating"
		}), false},
		"a limit range without limits": {"LimitRange", "lab", limits(func(live *corev1.LimitRange) { live.Spec.Limits = nil }), false},
		"a limit range with a further limit": {"LimitRange", "lab", limits(func(live *corev1.LimitRange) {
			live.Spec.Limits = append(live.Spec.Limits, corev1.LimitRangeItem{Type: "Pod"})
		}), false},
		"a further way in": {"NetworkPolicy", "lab", policy(func(spec *networkingv1.NetworkPolicySpec) {
			spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{})
		}), false},
		"a policy for only some pods":             {"NetworkPolicy", "lab", policy(func(spec *networkingv1.NetworkPolicySpec) { spec.PodSelector.MatchLabels = map[string]string{"a": "b"} }), false},
		"a policy without a rule for the way out": {"NetworkPolicy", "lab", policy(func(spec *networkingv1.NetworkPolicySpec) { spec.PolicyTypes = spec.PolicyTypes[:1] }), false},
		"no subjects": {"RoleBinding", guardrail.LearnerRole, binding(func(live *rbacv1.RoleBinding) { live.Subjects = nil }), false},
		"a further subject": {"RoleBinding", guardrail.LearnerRole, binding(func(live *rbacv1.RoleBinding) {
			live.Subjects = append(live.Subjects, rbacv1.Subject{Kind: "User", Name: "eve"})
		}), false},
		"another role": {"RoleBinding", guardrail.LearnerRole, binding(func(live *rbacv1.RoleBinding) { live.RoleRef.Name = "admin" }), false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			objects := guardrail.Objects(settings(), hpaLab(), "lab-hpa", hpaSpec())
			at := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == tc.kind && o.GetName() == tc.name })
			if at < 0 {
				t.Fatalf("there is no %s %s", tc.kind, tc.name)
			}
			wanted := objects[at]
			wanted.SetAnnotations(map[string]string{"setup": "done"})
			live := liveOf(t, wanted)
			tc.edit(live)
			if got := guardrail.Match(wanted, live); got != tc.want {
				t.Errorf("Match: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestMatchIsStrict(t *testing.T) {
	labels := map[string]string{"a": "b"}
	wanted := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "lab"}}}
	wanted.SetLabels(labels)
	if guardrail.Match(wanted, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "lab", Labels: labels}}) {
		t.Error("a kind without a rule matches")
	}
	for _, live := range guardrail.Types() {
		wanted := &unstructured.Unstructured{Object: map[string]any{"spec": "none", "roleRef": "none"}}
		if guardrail.Match(wanted, live) {
			t.Errorf("what cannot be read as a %T matches", live)
		}
	}
}

// TestEveryGuardrailHasARule fails for a new kind of guardrail that Types or Match do not know.
func TestEveryGuardrailHasARule(t *testing.T) {
	types := map[reflect.Type]bool{}
	for _, object := range guardrail.Types() {
		types[reflect.TypeOf(object)] = false
	}
	for _, wanted := range guardrail.Objects(settings(), hpaLab(), "lab-hpa", hpaSpec()) {
		live := liveOf(t, wanted)
		if _, known := types[reflect.TypeOf(live)]; !known {
			t.Errorf("Types lacks %T", live)
		}
		types[reflect.TypeOf(live)] = true
		if !guardrail.Match(wanted, live) {
			t.Errorf("%s %s does not match itself", wanted.GetKind(), wanted.GetName())
		}
	}
	for kind, used := range types {
		if !used {
			t.Errorf("no guardrail is a %s", kind)
		}
	}
}
