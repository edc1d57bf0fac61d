package lab

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// finish removes what was made for a Lab that is being deleted, and then lets it go. What holds that up for long it says
// in the condition Deleting.
func (r *Reconciler) finish(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.lab, v1alpha1.LabFinalizer) {
		return ctrl.Result{}, nil
	}
	again, err := r.remove(ctx, s)
	if err == nil && again == 0 {
		r.memories.drop(s.key)
		return ctrl.Result{}, nil
	}
	if err != nil {
		verdict := sortError(err)
		reason, message := v1alpha1.ReasonPlatformFailing, ""
		if lasting := s.memory.lasts(verdict.retry, s.now); lasting != "" {
			message = "The removal of this lab " + lasting
		}
		if verdict.fault != nil {
			reason, message = verdict.fault.reason, verdict.fault.message
		}
		if message != "" {
			if saidErr := r.sayDeleting(ctx, s, reason, message); saidErr != nil {
				log.FromContext(ctx).Error(saidErr, "cannot say what holds the deletion up")
			}
		}
		return ctrl.Result{}, err
	}
	s.memory.lasts(nil, s.now)
	if reason, message := r.whyItRemains(ctx, s); message != "" {
		if err := r.sayDeleting(ctx, s, reason, message); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{RequeueAfter: again}, nil
}

// remove does what is left to do of a deletion, and says when to look again where something takes its time.
func (r *Reconciler) remove(ctx context.Context, s *scope) (again time.Duration, err error) {
	// The status may have been written by a process that did not come to record it. A record that cannot be written keeps
	// the Lab for a while at most, and never its namespace.
	unrecorded := r.record(ctx, s)
	gone, err := r.removeNamespace(ctx, s)
	if err != nil {
		return 0, err
	}
	if !gone {
		return goingRecheck(s.found, s.now), nil
	}
	if unrecorded != nil {
		return 0, unrecorded
	}
	err = r.Direct.DeleteAllOf(ctx, &appsv1.ControllerRevision{},
		client.InNamespace(r.Settings.OperatorNamespace),
		client.MatchingLabels{v1alpha1.LabUIDLabel: string(s.lab.UID)})
	if err != nil {
		return 0, fmt.Errorf("delete revisions: %w", err)
	}
	r.forget(s)
	controllerutil.RemoveFinalizer(s.lab, v1alpha1.LabFinalizer)
	patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.lab, patch, client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return 0, fmt.Errorf("remove the finalizer: %w", err)
	}
	return 0, nil
}
