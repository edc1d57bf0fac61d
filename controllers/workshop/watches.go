package workshop

import (
	"context"
	"maps"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/predicates"
	"github.com/lab-operator/lab-operator/internal/progress"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// gathered is how long changes of attendees are gathered before a workshop is looked at: a full room changes all the time.
const gathered = 200 * time.Millisecond

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("workshop").
		For(&v1beta1.Workshop{}, builder.WithPredicates(predicates.Reconciled(observedGeneration))).
		Watches(&v1beta1.Lab{}, later(workshopOf), builder.WithPredicates(predicate.Funcs{UpdateFunc: labChanged})).
		Watches(&v1beta1.LabResult{}, later(workshopOfResult), builder.WithPredicates(predicate.Funcs{UpdateFunc: resultChanged})).
		Watches(&corev1.ServiceAccount{}, later(workshopOf)).
		Watches(&rbacv1.RoleBinding{}, later(workshopOf)).
		Watches(&v1beta1.Topic{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(predicates.SpecChanged())).
		Watches(&v1beta1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(predicates.SpecChanged())).
		WithOptions(options).
		Complete(r)
}

// observedGeneration is the generation that the status of a Workshop is about.
func observedGeneration(workshop *v1beta1.Workshop) int64 { return workshop.Status.ObservedGeneration }

// labFacts are what a workshop reads of the status of a Lab. The status of a Lab changes with every edit of its learner,
// and most of those changes are no news for the workshop.
type labFacts struct {
	phase               v1beta1.LabPhase
	exercise, namespace string
	lastProgress        time.Time // zero where the Lab can't be worked on yet
	openTask            string
	progress            progress.Progress
	notice              string
	conditions          [4]conditions.State
}

func factsOf(lab *v1beta1.Lab) labFacts {
	status := &lab.Status
	facts := labFacts{
		phase: status.Phase, exercise: status.Exercise, namespace: status.Namespace,
		lastProgress: progress.LastAt(status), progress: progress.Of(status, nil),
	}
	if task := progress.OpenTask(status); task != nil {
		facts.openTask = task.Name
	}
	// Notices count while a lab is brought up: later they are about what the learner does.
	if len(status.Notices) > 0 && !workable(lab) {
		facts.notice = status.Notices[0]
	}
	for i, kind := range [...]string{v1beta1.ConditionProvisioned, v1beta1.ConditionReady, v1beta1.ConditionStalled, v1beta1.ConditionDeleting} {
		if c := meta.FindStatusCondition(status.Conditions, kind); c != nil {
			facts.conditions[i] = conditions.Of(c)
		}
	}
	return facts
}

// labChanged tells whether an update of a Lab is news for its workshop.
func labChanged(e event.UpdateEvent) bool {
	old, isOld := e.ObjectOld.(*v1beta1.Lab)
	now, isNow := e.ObjectNew.(*v1beta1.Lab)
	return !isOld || !isNow || predicates.MetadataChanged(old, now) || !reflect.DeepEqual(factsOf(old), factsOf(now))
}

// resultChanged tells whether an update of a LabResult is news for its workshop, which counts by it where the Lab is behind it or gone.
func resultChanged(e event.UpdateEvent) bool {
	old, isOld := e.ObjectOld.(*v1beta1.LabResult)
	now, isNow := e.ObjectNew.(*v1beta1.LabResult)
	return !isOld || !isNow || old.Spec.ScorePercent != now.Spec.ScorePercent || !old.Spec.CompletedAt.Equal(now.Spec.CompletedAt) ||
		!maps.Equal(old.Labels, now.Labels)
}

// workshopOf reads from an object's labels which workshop it was made for. Anybody can write labels: it counts in the
// namespace of an attendee of that workshop.
func workshopOf(object client.Object) types.NamespacedName {
	labels := object.GetLabels()
	key := types.NamespacedName{Namespace: labels[v1beta1.WorkshopNamespaceLabel], Name: labels[v1beta1.WorkshopLabel]}
	if handle := labels[v1beta1.AttendeeLabel]; handle == "" || object.GetNamespace() != roster.NamespaceName(key, handle) {
		return types.NamespacedName{}
	}
	return key
}

func workshopOfResult(object client.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetLabels()[v1beta1.WorkshopLabel]}
}

// all are the workshops that a change of the catalog may be news for.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	workshops := &v1beta1.WorkshopList{}
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
