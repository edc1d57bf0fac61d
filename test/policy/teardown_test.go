package policy

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// tearDown deletes the guarded namespace for real: the operator asks for it, and the namespace controller, which is
// not running, is played.
func (c *cluster) tearDown(t *testing.T) {
	own := &corev1.Namespace{}
	c.must(t, c.admin.Get(t.Context(), client.ObjectKey{Name: labNamespace}, own))
	if len(own.Spec.Finalizers) == 0 {
		t.Fatal("the namespace has nothing that holds it: this would show nothing")
	}
	c.must(t, c.clients[operator].Delete(t.Context(), own, client.Preconditions{UID: &own.UID}))

	t.Run("whoever may delete objects may now delete protected ones", func(t *testing.T) {
		rules := configMap(labNamespace, "rules")
		// The policy looks at the namespace through a cache.
		c.eventually(t, func() bool { return c.clients[learner].Delete(t.Context(), rules.DeepCopy()) == nil })
	})
	t.Run("but no one changes them", func(t *testing.T) {
		change := merge(object("v1", "ResourceQuota", labNamespace, "lab"), `{"spec":{"hard":{"pods":"99"}}}`)
		if err := change(t.Context(), c.clients[editor]); !denied(err, "lab-operator-guardrails", "lab belongs to the lab itself") {
			t.Errorf("changing the quota of a namespace that goes gives %v, want it refused", err)
		}
	})
	held := configMap(labNamespace, "held")
	worker := object("v1", "Pod", labNamespace, "worker")
	for _, object := range []client.Object{held, worker} {
		c.must(t, merge(object, metadata("finalizers", nil))(t.Context(), c.admin))
	}
	// Its node would confirm that it has ended.
	c.must(t, removeWithin(worker, 0)(t.Context(), c.admin))
	as := c.clients[namespaceController]
	for _, kind := range []client.Object{
		&corev1.Pod{}, &appsv1.Deployment{}, &corev1.ConfigMap{}, &corev1.LimitRange{}, &corev1.ResourceQuota{},
		&corev1.Service{}, &networkingv1.NetworkPolicy{}, &rbacv1.RoleBinding{},
	} {
		c.must(t, as.DeleteAllOf(t.Context(), kind, client.InNamespace(labNamespace)))
	}
	c.must(t, c.admin.Get(t.Context(), client.ObjectKeyFromObject(own), own))
	own.Spec.Finalizers = nil
	c.must(t, as.SubResource("finalize").Update(t.Context(), own))

	if err := c.admin.Get(t.Context(), client.ObjectKeyFromObject(own), own); !apierrors.IsNotFound(err) {
		t.Errorf("the namespace is still there: %v", err)
	}
	left := &metav1.PartialObjectMetadataList{}
	for _, kind := range []string{"ResourceQuotaList", "LimitRangeList", "ConfigMapList"} {
		left.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
		c.must(t, c.admin.List(t.Context(), left, client.InNamespace(labNamespace)))
		if len(left.Items) > 0 {
			t.Errorf("%d objects of %s are left", len(left.Items), kind)
		}
	}
}
