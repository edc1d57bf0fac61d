// Package predicates decides which changes of the project's own kinds wake a controller.
package predicates

import (
	"maps"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// SpecChanged passes every change but those of metadata and status. It suits a controller that only reads the spec of a
// kind. The API server counts generations by the spec, and it starts to delete an object with another generation.
func SpecChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return isResync(e) || e.ObjectNew.GetGeneration() != e.ObjectOld.GetGeneration()
	}}
}

// Reconciled passes the changes of a kind that its own controller has to see: all but that controller's status writes and
// the addition of its finalizer. Status writes of others pass where they take a status away or roll it back: observed is
// the generation that a status is about, and the controller never lowers it.
func Reconciled[T client.Object](observed func(T) int64) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		old, isOld := e.ObjectOld.(T)
		now, isNow := e.ObjectNew.(T)
		if !isOld || !isNow {
			return true
		}
		return isResync(e) || observed(now) < observed(old) || MetadataChanged(old, now)
	}}
}

// MetadataChanged tells whether an update changed more than the status, and more than adding finalizers.
func MetadataChanged(old, now client.Object) bool {
	lostFinalizer := slices.ContainsFunc(old.GetFinalizers(), func(name string) bool { return !slices.Contains(now.GetFinalizers(), name) })
	return now.GetGeneration() != old.GetGeneration() || now.GetUID() != old.GetUID() || lostFinalizer ||
		now.GetDeletionTimestamp().IsZero() != old.GetDeletionTimestamp().IsZero() ||
		!maps.Equal(now.GetLabels(), old.GetLabels()) || !maps.Equal(now.GetAnnotations(), old.GetAnnotations())
}

// isResync tells whether the cache repeats what it holds, as it does from time to time.
func isResync(e event.UpdateEvent) bool {
	return e.ObjectNew.GetResourceVersion() == e.ObjectOld.GetResourceVersion()
}
