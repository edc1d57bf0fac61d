package testenv

import (
	appsv1 "k8s.io/api/apps/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// namespacedKinds returns the kinds outside of the core group that a lab's namespace holds in
// tests.
func namespacedKinds() []client.Object {
	return []client.Object{&appsv1.Deployment{}, &appsv1.ReplicaSet{}, &networkingv1.NetworkPolicy{}, &rbacv1.RoleBinding{}}
}
