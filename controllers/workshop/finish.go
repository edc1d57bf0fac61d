package workshop

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// finish removes what was made for the attendees of a Workshop that is being deleted, the results last, and lets it go.
func (r *Reconciler) finish(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.workshop, v1alpha1.WorkshopFinalizer) {
		return ctrl.Result{}, nil
	}
	if err := r.look(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	for _, a := range s.attendees {
		a.stage = removed
	}
	if err := r.carry(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	if s.retry != nil {
		return ctrl.Result{}, s.retry
	}
	homes, err := r.homes(ctx, s)
	if err != nil {
		return ctrl.Result{}, err
	}
	labs := 0
	for _, a := range append(s.attendees, s.strangers...) {
		labs += len(a.labs)
	}
	if labs > 0 {
		s.again(goneRecheck)
		return ctrl.Result{RequeueAfter: s.recheck}, nil
	}
	for i := range homes {
		if err := r.deleteHome(ctx, &homes[i]); err != nil {
			return ctrl.Result{}, err
		}
	}
	if len(homes) > 0 {
		return ctrl.Result{RequeueAfter: goneRecheck}, nil
	}
	for _, result := range s.results {
		if err := r.Client.Delete(ctx, result.DeepCopy()); client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, fmt.Errorf("delete result: %w", err)
		}
	}
	controllerutil.RemoveFinalizer(s.workshop, v1alpha1.WorkshopFinalizer)
	patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.workshop, patch, client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("remove the finalizer: %w", err)
	}
	r.memories.drop(s.key)
	return ctrl.Result{}, nil
}
