package guardrail

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Types are empty objects of the kinds of Objects, each once: what a cache has to hold to see guardrails.
func Types() []client.Object {
	return []client.Object{&corev1.ResourceQuota{}, &corev1.LimitRange{}, &networkingv1.NetworkPolicy{}, &rbacv1.RoleBinding{}}
}

// Match tells whether a live guardrail is still what was applied: no less and, where more would loosen it, no more. It is
// strict: a guardrail of a kind without a rule here never matches, and neither does one that cannot be read.
func Match(wanted *unstructured.Unstructured, live client.Object) bool {
	if !contains(live.GetLabels(), wanted.GetLabels()) || !contains(live.GetAnnotations(), wanted.GetAnnotations()) {
		return false
	}
	same := equality.Semantic.DeepEqual
	switch live := live.(type) {
	case *corev1.ResourceQuota:
		// Further bounds only tighten a quota, and applying ours would not take them away.
		want, ok := as[corev1.ResourceQuota](wanted)
		if !ok {
			return false
		}
		for name, bound := range want.Spec.Hard {
			if now, found := live.Spec.Hard[name]; !found || now.Cmp(bound) != 0 {
				return false
			}
		}
		return same(want.Spec.Scopes, live.Spec.Scopes) && same(want.Spec.ScopeSelector, live.Spec.ScopeSelector)
	case *corev1.LimitRange:
		want, ok := as[corev1.LimitRange](wanted)
		return ok && same(want.Spec, live.Spec)
	case *networkingv1.NetworkPolicy:
		want, ok := as[networkingv1.NetworkPolicy](wanted)
		return ok && same(want.Spec, live.Spec)
	case *rbacv1.RoleBinding:
		want, ok := as[rbacv1.RoleBinding](wanted)
		return ok && same(want.Subjects, live.Subjects) && want.RoleRef == live.RoleRef
	default:
		return false
	}
}

// contains tells whether a map has all entries of another.
func contains(live, wanted map[string]string) bool {
	for key, value := range wanted {
		if now, found := live[key]; !found || now != value {
			return false
		}
	}
	return true
}

// as converts an object to its Go type, in which quantities compare by value.
func as[T any](object *unstructured.Unstructured) (into T, ok bool) {
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &into)
	return into, err == nil
}
