package lab

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Why a StatefulSet or a Job has no pods, and why a claim has no volume, is in events alone. They are read where something
// has waited for a while, of few objects and rarely: a watch on events would hold everything that happens in a cluster.
const (
	// waitsFor is how long something has to wait before its events are read.
	waitsFor = 5 * time.Second
	// eventsRecheck is how often the events of one object are read.
	eventsRecheck = 30 * time.Second
	// maxWaiting is how many objects of a kind have their events read, in a lab.
	maxWaiting = 3
	// maxEvents is how many events of one object are read.
	maxEvents = 50
)

// delay is what this process knows of an object that waits.
type delay struct {
	since, read time.Time
	notice      string
}

// waits are the notices about workloads that have too few pods, and about claims without a volume.
func (r *Reconciler) waits(ctx context.Context, s *scope, w workloads) []string {
	candidates := firstOfEachKind(slices.Concat(starved(w), pendingClaims(w.claims)))
	known := s.memory.waiting
	s.memory.waiting = make(map[types.UID]delay, len(candidates))
	var found []string
	for _, object := range candidates {
		was := known[object.GetUID()]
		switch waited, read := age(&was.since, s.now), s.now.Sub(was.read); {
		case waited < waitsFor:
			s.again(waitsFor - waited)
		case was.read.IsZero(), read < 0, read >= eventsRecheck:
			was.notice, was.read = r.noticeFromEvents(ctx, s, object), s.now
			s.again(eventsRecheck)
		default:
			s.again(eventsRecheck - read)
		}
		s.memory.waiting[object.GetUID()] = was
		if was.notice != "" {
			found = append(found, was.notice)
		}
	}
	return found
}

// firstOfEachKind are the objects whose events are read, by kind and name. Claims that wait for their first pod and Jobs that
// have not begun say nothing: they must not take the places of what has something to say.
func firstOfEachKind(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int {
		return cmp.Or(cmp.Compare(a.GetKind(), b.GetKind()), cmp.Compare(a.GetName(), b.GetName()))
	})
	taken := map[string]int{}
	return slices.DeleteFunc(objects, func(object *unstructured.Unstructured) bool {
		taken[object.GetKind()]++
		return taken[object.GetKind()] > maxWaiting
	})
}

// noticeFromEvents says what the latest event of an object says of its wait. Empty where that is nothing, or is not to be
// read now.
func (r *Reconciler) noticeFromEvents(ctx context.Context, s *scope, object *unstructured.Unstructured) string {
	events := &corev1.EventList{}
	err := r.Direct.List(ctx, events, client.InNamespace(s.namespace), client.Limit(maxEvents),
		client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("involvedObject.uid", string(object.GetUID()))})
	if err != nil {
		return ""
	}
	return noticeOf(object, events.Items)
}

// noticeOf reads the events of an object that waits.
func noticeOf(object *unstructured.Unstructured, events []corev1.Event) string {
	if len(events) == 0 {
		return ""
	}
	latest := slices.MaxFunc(events, func(a, b corev1.Event) int {
		return cmp.Or(timeOf(a).Compare(timeOf(b)), cmp.Compare(a.Reason, b.Reason))
	})
	switch {
	case object.GetKind() == claimKind.Kind && (latest.Reason == "ProvisioningFailed" || latest.Reason == "FailedBinding"):
		return fmt.Sprintf("claim %s gets no volume: %s: %s", object.GetName(), latest.Reason, latest.Message)
	case object.GetKind() != claimKind.Kind && latest.Reason == "FailedCreate":
		return refused(object, latest.Message)
	}
	return ""
}

// timeOf is when an event happened last: the newer API fills other fields.
func timeOf(event corev1.Event) time.Time {
	switch {
	case event.Series != nil:
		return event.Series.LastObservedTime.Time
	case !event.LastTimestamp.IsZero():
		return event.LastTimestamp.Time
	default:
		return event.EventTime.Time
	}
}

// pendingClaims are the claims without a volume. One that waits for its first pod is told apart by its events.
func pendingClaims(claims []*unstructured.Unstructured) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, claim := range claims {
		if phase, _, _ := unstructured.NestedString(claim.Object, "status", "phase"); phase == string(corev1.ClaimPending) && claim.GetDeletionTimestamp() == nil {
			found = append(found, claim)
		}
	}
	return found
}

// starved are the workloads that want a pod and have none under way. ReplicaSets have a condition for it.
func starved(w workloads) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, set := range w.statefulSets {
		wanted, given := replicas(set)
		if !given {
			wanted = 1
		}
		if has, busy := podsOf(set, w.pods); !busy && has < wanted && isObserved(set) {
			found = append(found, set)
		}
	}
	for _, set := range w.daemonSets {
		if number(set, "status", "currentNumberScheduled") < number(set, "status", "desiredNumberScheduled") && isObserved(set) {
			found = append(found, set)
		}
	}
	for _, job := range w.jobs {
		ended := conditionOf(job, "Complete")["status"] == "True" || conditionOf(job, "Failed")["status"] == "True" ||
			conditionOf(job, "Suspended")["status"] == "True"
		if has, busy := podsOf(job, w.pods); !ended && !busy && has == 0 && number(job, "status", "active") == 0 && job.GetDeletionTimestamp() == nil {
			found = append(found, job)
		}
	}
	return found
}

// podsOf counts the pods of a workload, and tells whether one of them is on its way to run or to end.
func podsOf(owner *unstructured.Unstructured, pods []*unstructured.Unstructured) (has int64, busy bool) {
	for _, pod := range pods {
		if !isOwnedBy(pod, owner) {
			continue
		}
		phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
		if phase == string(corev1.PodFailed) || phase == string(corev1.PodSucceeded) {
			continue
		}
		has++
		busy = busy || !isReady(pod) || pod.GetDeletionTimestamp() != nil
	}
	return has, busy
}

// isObserved tells whether the status of a workload is about its spec, and it is to stay.
func isObserved(object *unstructured.Unstructured) bool {
	return number(object, "status", "observedGeneration") >= number(object, "metadata", "generation") && object.GetDeletionTimestamp() == nil
}

// number reads an integer, 0 where there is none. YAML and JSON give integers and floats.
func number(object *unstructured.Unstructured, path ...string) int64 {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	switch n := value.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	default:
		return 0
	}
}
