package world

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

// Quotas and namespaces are worked on as many at a time as a controller manager does by default.
const (
	quotasAtATime     = 5
	namespacesAtATime = 10
)

// newStandIn makes the part of a cluster's controller manager without which no lab lives or goes.
func newStandIn(config *rest.Config) (ctrl.Manager, error) {
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:    server.Options{BindAddress: "0"},
		Controller: ctrlconfig.Controller{SkipNameValidation: ptr.To(true)}, // there may be one world after the other
	})
	if err != nil {
		return nil, fmt.Errorf("stand in for a controller manager: %w", err)
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.ResourceQuota{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: quotasAtATime}).
		Complete(reconcile.AsReconciler(manager.GetClient(), quotas{manager.GetClient()}))
	if err != nil {
		return nil, fmt.Errorf("stand in for who counts quotas: %w", err)
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.Namespace{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: namespacesAtATime}).
		Complete(reconcile.AsReconciler(manager.GetClient(), namespaces{manager.GetClient()}))
	if err != nil {
		return nil, fmt.Errorf("stand in for who removes namespaces: %w", err)
	}
	return manager, nil
}

// quotas gives a quota the status without which it refuses everything.
type quotas struct{ client.Client }

// Reconcile counts a quota once: as if nothing were used, and nothing would be.
func (q quotas) Reconcile(ctx context.Context, quota *corev1.ResourceQuota) (ctrl.Result, error) {
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
	return ctrl.Result{}, outrun(q.Status().Update(ctx, quota))
}

// namespaces removes them.
type namespaces struct{ client.Client }

// Reconcile empties a namespace that is deleted of what the tests put there, and lets it go.
func (n namespaces) Reconcile(ctx context.Context, namespace *corev1.Namespace) (ctrl.Result, error) {
	if namespace.DeletionTimestamp == nil {
		return ctrl.Result{}, nil
	}
	objects := []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Service{}, &corev1.Pod{}, &corev1.ServiceAccount{}, &corev1.ResourceQuota{}, &corev1.LimitRange{}}
	for _, kind := range append(objects, moreKinds()...) {
		if err := n.DeleteAllOf(ctx, kind, client.InNamespace(namespace.Name), client.GracePeriodSeconds(0)); err != nil {
			return ctrl.Result{}, fmt.Errorf("empty namespace %s: %w", namespace.Name, err)
		}
	}
	namespace.Spec.Finalizers = nil
	let := &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{Raw: &metav1.UpdateOptions{}}}
	return ctrl.Result{}, outrun(n.SubResource("finalize").Update(ctx, namespace, let))
}

// outrun is the error of a write that came too late for what it was meant for: what came before it brings us back.
func outrun(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
