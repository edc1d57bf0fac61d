package lab

import (
	"context"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	ctrlevent "sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/predicates"
)

// SetupWithManager adds the controller to a manager. Notify must be given to the evidence watches that the Reconciler uses.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, notify *Notifier, options controller.Options) error {
	if options.RateLimiter == nil {
		options.RateLimiter = workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](5*time.Millisecond, longestRetry)
	}
	catalog := builder.WithPredicates(predicates.SpecChanged())
	// A status write of this controller wakes no Lab: each phase goes by what the phases before it found in the same pass,
	// and what time alone changes is asked for by scope.again.
	lab := ctrl.NewControllerManagedBy(mgr).
		Named("lab").
		For(&v1beta1.Lab{}, builder.WithPredicates(predicates.Reconciled(observedGeneration))).
		Watches(&v1beta1.Topic{}, handler.EnqueueRequestsFromMapFunc(r.labsOfTopic), catalog).
		Watches(&v1beta1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.labsOfExercise), catalog).
		Watches(&v1beta1.AnswerKey{}, handler.EnqueueRequestsFromMapFunc(r.labsOfTopic), catalog).
		Watches(&v1beta1.ExerciseRevision{}, handler.EnqueueRequestsFromMapFunc(r.labsOfRevision), builder.WithPredicates(created())).
		Watches(&v1beta1.LabReview{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(predicate.Funcs{
			CreateFunc: func(ctrlevent.CreateEvent) bool { return false },
			UpdateFunc: predicates.SpecChanged().Update,
		})).
		WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(labOf)).
		WatchesRawSource(source.Func(notify.start)).
		WithOptions(options)
	for _, kind := range guardrail.Types() {
		lab.Watches(kind, handler.EnqueueRequestsFromMapFunc(labOf), builder.WithPredicates(predicate.Funcs{UpdateFunc: guardrailChanged}))
	}
	return lab.Complete(r)
}

// guardrailChanged tells whether an update of a guardrail may have loosened it. The status of a quota, which changes with
// every pod of the learner, does not.
func guardrailChanged(e ctrlevent.UpdateEvent) bool {
	old, isOld := e.ObjectOld.(*corev1.ResourceQuota)
	now, isNow := e.ObjectNew.(*corev1.ResourceQuota)
	return !isOld || !isNow || predicates.MetadataChanged(old, now) || !equality.Semantic.DeepEqual(old.Spec, now.Spec)
}

// observedGeneration is the generation that the status of a Lab is about.
func observedGeneration(lab *v1beta1.Lab) int64 { return lab.Status.ObservedGeneration }

// longestRetry is how long a lab waits at most after errors in a row: when an outage is over, its learner is waiting.
const longestRetry = time.Minute

// labsOfTopic finds the Labs of a topic, or of the key with its name.
func (r *Reconciler) labsOfTopic(ctx context.Context, object client.Object) []reconcile.Request {
	return r.labs(ctx, func(lab *v1beta1.Lab) bool { return lab.Spec.Topic == object.GetName() })
}

// labsOfExercise finds the Labs of an exercise, and those that wait for one.
func (r *Reconciler) labsOfExercise(ctx context.Context, object client.Object) []reconcile.Request {
	return r.labs(ctx, func(lab *v1beta1.Lab) bool {
		return lab.Status.Exercise == object.GetName() || lab.Spec.Exercise == object.GetName() || lab.Status.Revision == ""
	})
}

// labsOfRevision finds the Labs that may wait for a revision: those of its topic that have no environment. The others do
// not need it: they are judged by its pin.
func (r *Reconciler) labsOfRevision(ctx context.Context, object client.Object) []reconcile.Request {
	return r.labs(ctx, func(lab *v1beta1.Lab) bool {
		return lab.Spec.Topic == object.GetLabels()[v1beta1.TopicLabel] && lab.Status.Environment == nil
	})
}

// created passes new objects only.
func created() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc:  func(ctrlevent.UpdateEvent) bool { return false },
		DeleteFunc:  func(ctrlevent.DeleteEvent) bool { return false },
		GenericFunc: func(ctrlevent.GenericEvent) bool { return false },
	}
}

func (r *Reconciler) labs(ctx context.Context, wanted func(*v1beta1.Lab) bool) []reconcile.Request {
	labs := &v1beta1.LabList{}
	if err := r.Client.List(ctx, labs); err != nil {
		// The cache fails to list only when it is being shut down.
		return nil
	}
	var requests []reconcile.Request
	for i := range labs.Items {
		if wanted(&labs.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&labs.Items[i])})
		}
	}
	return requests
}

// labOf reads from the labels of a namespace or a guardrail which Lab it is of.
func labOf(_ context.Context, object client.Object) []reconcile.Request {
	labels := object.GetLabels()
	if labels[v1beta1.LabUIDLabel] == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{
		Namespace: labels[v1beta1.LabNamespaceLabel], Name: labels[v1beta1.LabNameLabel],
	}}}
}

// Notifier hands what the evidence watches see to the controller's queue. Events before the queue is there
// are not lost: the first reconcile of every Lab reads the stores.
// The zero value is ready to use, with one manager.
type Notifier struct {
	queue atomic.Pointer[workqueue.TypedRateLimitingInterface[reconcile.Request]]
}

func (n *Notifier) start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	n.queue.Store(&queue)
	return nil
}

// Notify asks for a reconcile of a Lab. It never blocks.
func (n *Notifier) Notify(lab types.NamespacedName) {
	if queue := n.queue.Load(); queue != nil {
		(*queue).Add(reconcile.Request{NamespacedName: lab})
	}
}
