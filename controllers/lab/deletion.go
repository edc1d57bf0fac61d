package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// remainsAfter is how long a namespace may take to go without a word of why.
	remainsAfter = 30 * time.Second
	// remainsRecheck is how often the conditions of one namespace are read while it goes: they are in no cache.
	remainsRecheck = 15 * time.Second
)

// remains is what is known of a namespace that does not go.
type remains struct {
	namespace string    // its UID
	since     time.Time // when this process first saw that it is going
	read      time.Time // when its conditions were last read
	reason    string    // the first of its conditions that holds it
	message   string    // those conditions in words
	told      string    // the reason that an event has told of
}

// goingConditions are those in which the namespace controller says why a namespace has not gone yet, and what to do about
// them. They are told in this order.
var goingConditions = []struct {
	kind corev1.NamespaceConditionType
	todo string
}{
	{corev1.NamespaceDeletionDiscoveryFailure, "Repair or delete the API that does not answer: kubectl get apiservices"},
	{corev1.NamespaceDeletionGVParsingFailure, "Repair or delete the API that it names: kubectl get apiservices"},
	{corev1.NamespaceDeletionContentFailure, "Find out what refuses the deletion"},
	{corev1.NamespaceContentRemaining, ""},
	{corev1.NamespaceFinalizersRemaining, "What set the finalizer has to remove it"},
}

// finish removes what was made for a Lab that is being deleted, and then lets it go. What holds that up for long it says
// in the condition Deleting.
func (r *Reconciler) finish(ctx context.Context, s *scope) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(s.lab, v1beta1.LabFinalizer) {
		return ctrl.Result{}, nil
	}
	again, err := r.remove(ctx, s)
	if err == nil && again == 0 {
		r.stateByLab.drop(s.key)
		return ctrl.Result{}, nil
	}
	if err != nil {
		verdict := sortError(err)
		reason, message := v1beta1.ReasonPlatformFailing, ""
		if lasting := s.memory.failing.Note(verdict.retry, s.now); lasting != "" {
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
	s.memory.failing.Note(nil, s.now)
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
	r.release(s)
	controllerutil.RemoveFinalizer(s.lab, v1beta1.LabFinalizer)
	patch := client.MergeFromWithOptions(s.original, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.lab, patch, client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return 0, fmt.Errorf("remove the finalizer: %w", err)
	}
	return 0, nil
}

// whyItRemains quotes the conditions of a namespace that has been going for a while, with what to do; empty before that.
func (r *Reconciler) whyItRemains(ctx context.Context, s *scope) (reason, message string) {
	if s.found == nil || s.found.DeletionTimestamp == nil {
		return "", ""
	}
	known := &s.memory.remains
	if known.namespace != string(s.found.UID) {
		*known = remains{namespace: string(s.found.UID), since: s.now}
	}
	// The API server may have another clock, and an operator that has just started has not been looking for long.
	waited := max(age(&known.since, s.now), s.now.Sub(s.found.DeletionTimestamp.Time))
	if waited < remainsAfter {
		s.again(remainsAfter - waited)
		return "", ""
	}
	s.again(remainsRecheck)
	if since := s.now.Sub(known.read); known.message == "" || since < 0 || since >= remainsRecheck {
		namespace := &corev1.Namespace{}
		if err := r.Direct.Get(ctx, client.ObjectKey{Name: s.namespace}, namespace); err != nil {
			// Gone by now, or not to be read now: the next look tells.
			return known.reason, known.message
		}
		known.read = s.now
		known.reason, known.message = remainsOf(namespace)
	}
	if known.told != known.reason {
		known.told = known.reason
		r.tell(ctx, s.lab, event{corev1.EventTypeWarning, known.reason, "Remove", bounded(known.message)})
	}
	return known.reason, known.message
}

// remainsOf reads why a namespace has not gone yet.
func remainsOf(namespace *corev1.Namespace) (reason, message string) {
	var said []string
	for _, going := range goingConditions {
		for _, condition := range namespace.Status.Conditions {
			if condition.Type != going.kind || condition.Status != corev1.ConditionTrue {
				continue
			}
			if reason == "" {
				reason = string(going.kind)
			}
			text := fmt.Sprintf("%s: %s", going.kind, strings.TrimRight(bounded(condition.Message), ". "))
			if going.todo != "" {
				text += ". " + going.todo
			}
			said = append(said, text)
		}
	}
	if len(said) == 0 {
		return v1beta1.ReasonNamespaceRemains, fmt.Sprintf("Namespace %s has not gone for more than %s, and none of its conditions says why. "+
			"Look with: kubectl get namespace %s -o yaml", namespace.Name, remainsAfter, namespace.Name)
	}
	return reason, fmt.Sprintf("Namespace %s has not gone for more than %s. %s", namespace.Name, remainsAfter, strings.Join(said, "; "))
}

// withRemains adds to what a condition says of a namespace that is being removed why that takes long.
func (r *Reconciler) withRemains(ctx context.Context, s *scope, message string) string {
	if _, why := r.whyItRemains(ctx, s); why != "" {
		return message + ". " + why
	}
	return message
}

// sayDeleting tells, in the status of a Lab that is being deleted, what holds that up.
func (r *Reconciler) sayDeleting(ctx context.Context, s *scope, reason, message string) error {
	s.set(v1beta1.ConditionDeleting, conditions.True(reason, message))
	s.set(v1beta1.ConditionReady, conditions.False(v1beta1.ReasonTerminating, "The lab is being deleted"))
	s.lab.Status.Next = bounded1k(text.Sentence(message))
	return client.IgnoreNotFound(r.write(ctx, s))
}
