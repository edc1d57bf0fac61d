package workshop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

// slow is how long something may take to go before it is told of.
const slow = 30 * time.Second

// finish removes what was made for the attendees of a Workshop that is being deleted, the results last, and lets it go. What
// it waits for is told in the condition Deleting.
func (r *Reconciler) finish(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.workshop, v1beta1.WorkshopFinalizer) {
		return ctrl.Result{}, nil
	}
	result, err := r.remove(ctx, s)
	s.lasting = s.memory.failing.Note(cmp.Or(err, s.retry), s.now)
	if err != nil && s.retry == nil && s.lasting != "" {
		s.set(v1beta1.ConditionDeleting, conditions.True(v1beta1.ReasonRemovalBlocked, "The removal of this workshop "+s.lasting))
		if err := r.write(ctx, s); client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, err
		}
		r.announce(ctx, s)
	}
	return result, err
}

// remove does what is left to do of a deletion.
func (r *Reconciler) remove(ctx context.Context, s *scope) (ctrl.Result, error) {
	if err := r.gather(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	for _, a := range s.attendees {
		a.stage = removed
	}
	if err := r.reconcileAttendees(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	namespaces, err := r.attendeeNamespaces(ctx, s)
	if err != nil {
		return ctrl.Result{}, err
	}
	labs := 0
	for _, a := range slices.Concat(s.attendees, s.removedAttendees) {
		labs += len(a.labs)
	}
	if labs > 0 {
		return r.wait(ctx, s, namespaces)
	}
	for i := range namespaces {
		if err := r.deleteNamespace(ctx, &namespaces[i]); err != nil {
			reason, message := reasonOf(err)
			if reason == "" {
				return ctrl.Result{}, err
			}
			s.failures = append(s.failures, failure{s.newAttendee(v1beta1.Attendee{Name: namespaces[i].Name}, namespaces[i].Name), reason, message})
		}
	}
	if len(namespaces) > 0 || s.retry != nil {
		return r.wait(ctx, s, namespaces)
	}
	for _, result := range s.results {
		if err := r.Client.Delete(ctx, result.DeepCopy()); client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, fmt.Errorf("delete result: %w", err)
		}
	}
	controllerutil.RemoveFinalizer(s.workshop, v1beta1.WorkshopFinalizer)
	patch := client.MergeFromWithOptions(s.before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.workshop, patch, client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("remove the finalizer: %w", err)
	}
	r.stateByWorkshop.drop(s.key)
	return ctrl.Result{}, nil
}

// wait says what the deletion waits for, and looks again later.
func (r *Reconciler) wait(ctx context.Context, s *scope, namespaces []metav1.PartialObjectMetadata) (ctrl.Result, error) {
	s.set(v1beta1.ConditionDeleting, r.deleting(ctx, s, namespaces))
	if err := r.write(ctx, s); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, err
	}
	r.announce(ctx, s)
	s.memory.logFailures(ctx, s.failures)
	if s.retry != nil {
		return ctrl.Result{}, s.retry
	}
	s.again(goneRecheck)
	return ctrl.Result{RequeueAfter: s.recheck}, nil
}

// deleting names what does not go, and quotes why.
func (r *Reconciler) deleting(ctx context.Context, s *scope, namespaces []metav1.PartialObjectMetadata) conditions.State {
	var told []string
	for _, f := range s.failures {
		told = append(told, fmt.Sprintf("for %s: %s", f.attendee.shownName(), f.message))
	}
	if s.retry != nil && s.hangs(s.workshop) {
		told = append(told, s.retry.Error())
	}
	for _, a := range slices.Concat(s.attendees, s.removedAttendees) {
		for _, name := range sortedLabs(a) {
			if lab := a.labs[name]; s.hangs(lab) {
				told = append(told, fmt.Sprintf("lab %s of %s: %s", lab.Name, a.shownName(), whyLabStays(lab)))
			}
		}
	}
	for i := range namespaces {
		if len(told) < maxNamed && s.hangs(&namespaces[i]) {
			told = append(told, fmt.Sprintf("namespace %s: %s", namespaces[i].Name, r.whyNamespaceStays(ctx, namespaces[i].Name)))
		}
	}
	if len(told) == 0 {
		return conditions.True(v1beta1.ReasonRemoving, "What was made for attendees is being removed: labs, then namespaces, then results")
	}
	if more := len(told) - maxNamed; more > 0 {
		told = append(told[:maxNamed], fmt.Sprintf("and %d more", more))
	}
	return conditions.True(v1beta1.ReasonRemovalBlocked, "Some of what was made for attendees does not go: "+strings.Join(told, "; "))
}

// hangs tells whether an object was deleted long ago and is still there.
func (s *scope) hangs(object client.Object) bool {
	deleted := object.GetDeletionTimestamp()
	return deleted != nil && s.now.Sub(deleted.Time) >= slow
}

// whyLabStays quotes what a Lab that is being deleted says.
func whyLabStays(lab *v1beta1.Lab) string {
	for _, kind := range []string{v1beta1.ConditionDeleting, v1beta1.ConditionProvisioned} {
		if condition := meta.FindStatusCondition(lab.Status.Conditions, kind); condition != nil && condition.Message != "" {
			return condition.Message
		}
	}
	return fmt.Sprintf("it waits for its finalizers %s: see kubectl -n %s describe lab %s", strings.Join(lab.Finalizers, ", "), lab.Namespace, lab.Name)
}

// whyNamespaceStays quotes the conditions of a namespace that is being deleted.
func (r *Reconciler) whyNamespaceStays(ctx context.Context, name string) string {
	namespace := &corev1.Namespace{}
	if err := r.Direct.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		return fmt.Sprintf("it can't be read: %v", err)
	}
	var told []string
	for _, condition := range namespace.Status.Conditions {
		if condition.Status == corev1.ConditionTrue {
			told = append(told, condition.Message)
		}
	}
	if len(told) == 0 {
		return "it is being deleted, and has no condition that says why it stays"
	}
	return strings.Join(told, ", ")
}
