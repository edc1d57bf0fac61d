package lab

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// scope is one reconcile of one Lab: what the phases hand on to each other.
type scope struct {
	key      types.NamespacedName
	original *v1beta1.Lab // as it was read; the status patch is made against it
	lab      *v1beta1.Lab // as it will be written
	reported *v1beta1.Lab // whose changes events and metrics have told of: the original, or what its LabResult holds where the status was lost
	now      time.Time    // one moment for all phases
	memory   *localState  // what is known in this process only
	latest   bool         // the original is no older than the API server's: it was just written on that condition

	namespace   string                        // where the learner works
	found       *metav1.PartialObjectMetadata // that namespace as it is now, nil where there is none
	environment environment                   // what stands there: set by observe, and moved on by provision and takeDown
	pinned      *catalog.Compiled             // what the lab was started from
	topic       *v1beta1.Topic                // as it is now, nil where it was deleted
	outdated    conditions.State              // how the catalog differs from what is pinned
	hints       []string                      // quoted troubles of the learner's pods
	params      map[string]any                // drawn for this learner, as expressions see them
	snapshot    check.Snapshot                // what is known of the evidence, the same for all phases
	needs       []string                      // the evidence that decides on what is open

	provisioned conditions.State
	ready       conditions.State
	judged      bool          // the tasks and the notices are those of this reconcile
	lasting     string        // an error that passes by itself, once it has lasted too long for that
	evaluated   *check.Result // nil where nothing was evaluated
	keyFaults   []string      // answers that cannot be computed
	graded      []graded      // the questions in the order of the topic; none where the answers were not graded

	recheck time.Duration // the earliest time to look again, 0 for never
}

func (r *Reconciler) newScope(lab *v1beta1.Lab) *scope {
	key := client.ObjectKeyFromObject(lab)
	now := r.Clock.Now()
	return &scope{
		key:         key,
		original:    lab,
		lab:         lab.DeepCopy(),
		reported:    lab,
		now:         now,
		memory:      r.stateByLab.get(key, lab.UID, now),
		namespace:   guardrail.NamespaceName(lab.Namespace, lab.Name),
		environment: recorded(lab),
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

// stamp is now as the API keeps it: full seconds.
func (s *scope) stamp() *metav1.Time {
	t := metav1.NewTime(s.now.Truncate(time.Second))
	return &t
}
