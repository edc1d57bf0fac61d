package lab

import (
	"context"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// Setup adds the controller to a manager. Notify must be given to the evidence watches that the Reconciler uses.
func (r *Reconciler) Setup(mgr ctrl.Manager, notify *Notifier, options controller.Options) error {
	if options.RateLimiter == nil {
		options.RateLimiter = workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](5*time.Millisecond, longestRetry)
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("lab").
		For(&v1alpha1.Lab{}).
		Watches(&v1alpha1.Topic{}, handler.EnqueueRequestsFromMapFunc(r.labsOfTopic)).
		Watches(&v1alpha1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.labsOfExercise)).
		Watches(&v1alpha1.AnswerKey{}, handler.EnqueueRequestsFromMapFunc(r.labsOfTopic)).
		WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(labOfNamespace)).
		WatchesRawSource(source.Func(notify.start)).
		WithOptions(options).
		Complete(r)
}

// longestRetry is how long a lab waits at most after errors in a row: when an outage is over, its learner is waiting.
const longestRetry = time.Minute

// labsOfTopic finds the Labs of a topic, or of the key with its name.
func (r *Reconciler) labsOfTopic(ctx context.Context, object client.Object) []reconcile.Request {
	return r.labs(ctx, func(lab *v1alpha1.Lab) bool { return lab.Spec.Topic == object.GetName() })
}

// labsOfExercise finds the Labs of an exercise, and those that wait for one.
func (r *Reconciler) labsOfExercise(ctx context.Context, object client.Object) []reconcile.Request {
	return r.labs(ctx, func(lab *v1alpha1.Lab) bool {
		return lab.Status.Exercise == object.GetName() || lab.Spec.Exercise == object.GetName() || lab.Status.Revision == ""
	})
}

func (r *Reconciler) labs(ctx context.Context, wanted func(*v1alpha1.Lab) bool) []reconcile.Request {
	labs := &v1alpha1.LabList{}
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

// labOfNamespace reads from a namespace's labels whose it is.
func labOfNamespace(_ context.Context, object client.Object) []reconcile.Request {
	labels := object.GetLabels()
	if labels[v1alpha1.LabUIDLabel] == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{
		Namespace: labels[v1alpha1.LabNamespaceLabel], Name: labels[v1alpha1.LabNameLabel],
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
