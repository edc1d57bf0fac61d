package workshop

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// gathered is how long changes of attendees are gathered before a workshop is looked at: a full room changes all the time.
const gathered = 200 * time.Millisecond

// Setup adds the controller to a manager.
func (r *Reconciler) Setup(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("workshop").
		For(&v1alpha1.Workshop{}).
		Watches(&v1alpha1.Lab{}, later(workshopOf)).
		Watches(&v1alpha1.Result{}, later(workshopOfResult)).
		Watches(&corev1.ServiceAccount{}, later(workshopOf)).
		Watches(&rbacv1.RoleBinding{}, later(workshopOf)).
		Watches(&v1alpha1.Topic{}, handler.EnqueueRequestsFromMapFunc(r.all)).
		Watches(&v1alpha1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.all)).
		WithOptions(options).
		Complete(r)
}

// workshopOf reads from an object's labels which workshop it was made for. Anybody can write labels: it counts in the
// namespace of an attendee of that workshop.
func workshopOf(object client.Object) types.NamespacedName {
	labels := object.GetLabels()
	key := types.NamespacedName{Namespace: labels[v1alpha1.WorkshopNamespaceLabel], Name: labels[v1alpha1.WorkshopLabel]}
	if handle := labels[v1alpha1.AttendeeLabel]; handle == "" || object.GetNamespace() != roster.NamespaceName(key, handle) {
		return types.NamespacedName{}
	}
	return key
}

func workshopOfResult(object client.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetLabels()[v1alpha1.WorkshopLabel]}
}

// all are the workshops that a change of the catalog may be news for.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	workshops := &v1alpha1.WorkshopList{}
	if err := r.Client.List(ctx, workshops); err != nil {
		// The cache fails to list only when it is being shut down.
		return nil
	}
	requests := make([]reconcile.Request, 0, len(workshops.Items))
	for i := range workshops.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&workshops.Items[i])})
	}
	return requests
}

// later asks for a look at the workshop of an object in a while, once for all that changes until then.
func later(of func(client.Object) types.NamespacedName) handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	add := func(object client.Object, queue queue) {
		if key := of(object); key.Name != "" {
			queue.AddAfter(reconcile.Request{NamespacedName: key}, gathered)
		}
	}
	return handler.Funcs{
		CreateFunc:  func(_ context.Context, e event.CreateEvent, q queue) { add(e.Object, q) },
		UpdateFunc:  func(_ context.Context, e event.UpdateEvent, q queue) { add(e.ObjectNew, q) },
		DeleteFunc:  func(_ context.Context, e event.DeleteEvent, q queue) { add(e.Object, q) },
		GenericFunc: func(_ context.Context, e event.GenericEvent, q queue) { add(e.Object, q) },
	}
}
