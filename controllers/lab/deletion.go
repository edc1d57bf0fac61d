package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
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
	age := max(s.now.Sub(known.since), s.now.Sub(s.found.DeletionTimestamp.Time))
	if age < remainsAfter {
		s.again(remainsAfter - age)
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
		return "NamespaceRemains", fmt.Sprintf("Namespace %s has not gone for more than %s, and none of its conditions says why. "+
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
	s.set(v1alpha1.ConditionDeleting, yes(reason, message))
	s.lab.Status.Next = bounded1k(sentence(message))
	return client.IgnoreNotFound(r.write(ctx, s))
}
