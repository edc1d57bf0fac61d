package faults

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// deleteNamespace deletes the namespace as an outsider would, and reports whether it existed. A
// namespace that is terminating is left alone.
func (r *scenarioRun) deleteNamespace(ctx context.Context) bool {
	namespace := &corev1.Namespace{}
	if err := r.admin.Get(ctx, client.ObjectKey{Name: r.namespace}, namespace); err != nil || namespace.DeletionTimestamp != nil {
		return false
	}
	if err := r.admin.Delete(ctx, namespace, client.Preconditions{UID: ptr.To(namespace.UID)}); err != nil {
		return false
	}
	r.namespaceDeletions.Add(1)
	return true
}

// deleteNamespaceDuringStep deletes the namespace while its contents change, and waits until it is
// gone if asked to.
func (r *scenarioRun) deleteNamespaceDuringStep(ctx context.Context, gone bool) {
	before, err := r.namespaceUID(ctx)
	if err != nil || !r.deleteNamespace(ctx) {
		return
	}
	r.uncountedDeletions.Add(1)
	for gone && ctx.Err() == nil {
		namespace := &corev1.Namespace{}
		err := r.admin.Get(ctx, client.ObjectKey{Name: r.namespace}, namespace)
		gone = err == nil && string(namespace.UID) == before
	}
}

// replayActions has the learner repeat in a new namespace what was lost with the old one.
func (r *scenarioRun) replayActions(ctx context.Context) error {
	if r.namespaceDeletions.Load() == 0 || len(r.learnerActions) == 0 {
		return nil
	}
	lab := &v1beta1.Lab{}
	if err := r.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: r.lab}, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	uid, err := r.namespaceUID(ctx)
	if err != nil || lab.Status.Environment == nil || lab.Status.Environment.NamespaceUID != uid || r.actionsAppliedIn == uid {
		return err
	}
	for _, act := range r.learnerActions {
		if err := act(ctx, r); err != nil && !r.isDeletionRace(err) {
			return fmt.Errorf("repeat an action: %w", err)
		}
	}
	r.actionsAppliedIn = uid
	return nil
}

// isDeletionRace reports whether a learner fails because somebody deletes the namespace at the same
// time.
func (r *scenarioRun) isDeletionRace(err error) bool {
	return r.namespaceDeletions.Load() > 0 && (apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause))
}
