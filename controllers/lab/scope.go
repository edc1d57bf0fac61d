package lab

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// scope is one reconcile of one Lab: what the phases hand on to each other.
type scope struct {
	key    types.NamespacedName
	before *v1alpha1.Lab // as it was read; the status patch is made against it
	lab    *v1alpha1.Lab // as it will be written
	known  *v1alpha1.Lab // what has been told of already: as it was read, or as it was before its status was lost
	now    time.Time     // one moment for all phases
	memory *memory       // what is known in this process only
	live   bool          // the Lab as it was read is the latest there is: it was just written on that condition

	namespace string                        // where the learner works
	found     *metav1.PartialObjectMetadata // that namespace as it is now, nil where there is none
	pinned    *catalog.Compiled             // what the lab was started from
	topic     *v1alpha1.Topic               // as it is now, nil where it was deleted
	outdated  condition                     // how the catalog differs from what is pinned
	hints     []string                      // quoted troubles of the learner's pods
	params    map[string]any                // drawn for this learner, as expressions see them
	snapshot  check.Snapshot                // what is known of the evidence, the same for all phases
	needs     []string                      // the evidence that decides on what is open

	provisioned condition
	ready       condition
	judged      bool          // the tasks and the notices are those of this reconcile
	lasting     string        // an error that passes by itself, once it has lasted too long for that
	evaluated   *check.Result // nil where nothing was evaluated
	keyFaults   []string      // answers that cannot be computed

	recheck time.Duration // the earliest time to look again, 0 for never
}

// condition is the variable part of a condition. Unset, it says that the phase that sets it was not reached.
type condition struct {
	status  metav1.ConditionStatus
	reason  string
	message string
}

func yes(reason, message string) condition { return condition{metav1.ConditionTrue, reason, message} }
func no(reason, message string) condition  { return condition{metav1.ConditionFalse, reason, message} }

func (r *Reconciler) newScope(lab *v1alpha1.Lab) *scope {
	key := client.ObjectKeyFromObject(lab)
	now := r.Clock.Now()
	return &scope{
		key:       key,
		before:    lab,
		lab:       lab.DeepCopy(),
		known:     lab,
		now:       now,
		memory:    r.memories.get(key, lab.UID, now),
		namespace: guardrail.NamespaceName(lab.Namespace, lab.Name),
	}
}

// identity of the Lab for what is made on its behalf.
func (s *scope) identity() guardrail.Lab {
	return guardrail.Lab{Name: s.lab.Name, Namespace: s.lab.Namespace, UID: s.lab.UID, Size: s.lab.Spec.Size}
}

// again asks for another look after a time, unless an earlier one is due anyway.
func (s *scope) again(after time.Duration) {
	if after > 0 && (s.recheck == 0 || after < s.recheck) {
		s.recheck = after
	}
}

// settled tells whether the setup was applied completely in the namespace that is there now.
func (s *scope) settled() bool {
	env := s.lab.Status.Environment
	return env != nil && env.SetupHash != "" && s.found != nil &&
		s.found.DeletionTimestamp.IsZero() && env.NamespaceUID == string(s.found.UID)
}

// resumed tells whether the status as it was read is about the environment that is there now.
func (s *scope) resumed() bool {
	was, is := s.before.Status.Environment, s.lab.Status.Environment
	return was != nil && is != nil && was.NamespaceUID == is.NamespaceUID
}

// stamp is now as the API keeps it: full seconds.
func (s *scope) stamp() *metav1.Time {
	t := metav1.NewTime(s.now.Truncate(time.Second))
	return &t
}
