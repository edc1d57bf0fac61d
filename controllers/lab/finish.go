package lab

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// finish removes what was made for a Lab that is being deleted, and then lets it go. It writes no status:
// nobody reads it any more.
func (r *Reconciler) finish(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.lab, v1alpha1.LabFinalizer) {
		return ctrl.Result{}, nil
	}
	// The status may have been written by a process that did not come to record it.
	if err := r.record(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	gone, err := r.removeNamespace(ctx, s)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !gone {
		return ctrl.Result{RequeueAfter: goingRecheck(s.found, s.now)}, nil
	}
	err = r.Direct.DeleteAllOf(ctx, &appsv1.ControllerRevision{},
		client.InNamespace(r.Settings.OperatorNamespace),
		client.MatchingLabels{v1alpha1.LabUIDLabel: string(s.lab.UID)})
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("delete revisions: %w", err)
	}
	r.forget(s)
	controllerutil.RemoveFinalizer(s.lab, v1alpha1.LabFinalizer)
	patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.lab, patch, client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("remove the finalizer: %w", err)
	}
	r.memories.drop(s.key)
	return ctrl.Result{}, nil
}
