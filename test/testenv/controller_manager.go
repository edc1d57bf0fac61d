package testenv

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// The concurrency of both controllers is the default of a controller-manager.
const (
	maxConcurrentQuotas     = 5
	maxConcurrentNamespaces = 10
)

// newControllerManager returns a fake controller-manager, with the part that a lab cannot do
// without.
func newControllerManager(config *rest.Config) (ctrl.Manager, error) {
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:    server.Options{BindAddress: "0"},
		Controller: ctrlconfig.Controller{SkipNameValidation: ptr.To(true)}, // tests start one environment after another
	})
	if err != nil {
		return nil, fmt.Errorf("create the fake controller-manager: %w", err)
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.ResourceQuota{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: maxConcurrentQuotas}).
		Complete(reconcile.AsReconciler(manager.GetClient(), quotaReconciler{manager.GetClient()}))
	if err != nil {
		return nil, fmt.Errorf("create the quota controller: %w", err)
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.Namespace{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: maxConcurrentNamespaces}).
		Complete(reconcile.AsReconciler(manager.GetClient(), namespaceReconciler{manager.GetClient()}))
	if err != nil {
		return nil, fmt.Errorf("create the namespace controller: %w", err)
	}
	return manager, nil
}

// quotaReconciler gives a quota the status without which it refuses everything.
type quotaReconciler struct{ client.Client }

// Reconcile sets the status of a quota once, with zero usage. It stays like that.
func (q quotaReconciler) Reconcile(ctx context.Context, quota *corev1.ResourceQuota) (ctrl.Result, error) {
	if len(quota.Status.Hard) > 0 {
		return ctrl.Result{}, nil
	}
	quota.Status.Hard = quota.Spec.Hard
	quota.Status.Used = corev1.ResourceList{}
	for name, hard := range quota.Spec.Hard {
		none := hard.DeepCopy()
		none.Set(0)
		quota.Status.Used[name] = none
	}
	return ctrl.Result{}, ignoreOutdated(q.Status().Update(ctx, quota))
}

// namespaceReconciler removes namespaces.
type namespaceReconciler struct{ client.Client }

// Reconcile deletes the contents of a terminating namespace, of the kinds that tests use, and
// removes its finalizers.
func (n namespaceReconciler) Reconcile(ctx context.Context, namespace *corev1.Namespace) (ctrl.Result, error) {
	if namespace.DeletionTimestamp == nil {
		return ctrl.Result{}, nil
	}
	objects := []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Service{}, &corev1.Pod{}, &corev1.ServiceAccount{}, &corev1.ResourceQuota{}, &corev1.LimitRange{}}
	for _, kind := range append(objects, namespacedKinds()...) {
		if err := n.DeleteAllOf(ctx, kind, client.InNamespace(namespace.Name), client.GracePeriodSeconds(0)); err != nil {
			return ctrl.Result{}, fmt.Errorf("empty namespace %s: %w", namespace.Name, err)
		}
	}
	namespace.Spec.Finalizers = nil
	let := &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{Raw: &metav1.UpdateOptions{}}}
	return ctrl.Result{}, ignoreOutdated(n.SubResource("finalize").Update(ctx, namespace, let))
}

// ignoreOutdated ignores the error of a write to an object that has changed or gone: that change
// triggers another reconcile.
func ignoreOutdated(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
