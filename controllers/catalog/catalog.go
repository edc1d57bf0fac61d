// Package catalog tells authors whether their exercises and topics can be used, in the status of each, and writes the
// revisions that labs are started from.
package catalog

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/predicates"
)

// Owner is the field manager of the status of exercises and topics, and of revisions.
const Owner = "lab-operator"

// kindRecheck is how often a setup that is refused is looked at again.
const kindRecheck = 30 * time.Second

// Reconciler owns the status of Exercises and Topics, and all ExerciseRevisions with their pins. All fields are required.
type Reconciler struct {
	// Client reads from the cache: of pins it has the metadata.
	Client client.Client
	// Direct reads pins without a cache, as they hold the answers.
	Direct client.Reader
	// Cache has the compiled revisions, shared with all labs.
	Cache *catalog.Cache
	// Mapper knows the kinds that the cluster serves.
	Mapper meta.RESTMapper
	// Namespace is where answer keys count and pins are kept.
	Namespace string
	// HistoryLimit is how many revisions of an exercise in a topic are kept that nothing refers to.
	HistoryLimit int
}

// SetupWithManager adds a controller for Exercises, one for Topics and one for the revisions of topics to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("exercise").
		For(&v1beta1.Exercise{}, builder.WithPredicates(predicates.Reconciled(func(exercise *v1beta1.Exercise) int64 {
			return exercise.Status.ObservedGeneration
		}))).
		Complete(reconcile.Func(r.reconcileExercise))
	if err != nil {
		return fmt.Errorf("exercises: %w", err)
	}
	err = ctrl.NewControllerManagedBy(mgr).
		Named("topic").
		For(&v1beta1.Topic{}, builder.WithPredicates(predicates.Reconciled(func(topic *v1beta1.Topic) int64 {
			return topic.Status.ObservedGeneration
		}))).
		Watches(&v1beta1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.topicsOf), builder.WithPredicates(predicates.SpecChanged())).
		Watches(&v1beta1.AnswerKey{}, handler.EnqueueRequestsFromMapFunc(topicOfKey), builder.WithPredicates(predicates.SpecChanged())).
		Complete(reconcile.Func(r.reconcileTopic))
	if err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	err = ctrl.NewControllerManagedBy(mgr).
		Named("revision").
		Watches(&v1beta1.Topic{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(predicates.SpecChanged())).
		Watches(&v1beta1.Exercise{}, handler.EnqueueRequestsFromMapFunc(r.topicsOf), builder.WithPredicates(predicates.SpecChanged())).
		Watches(&v1beta1.AnswerKey{}, handler.EnqueueRequestsFromMapFunc(topicOfKey), builder.WithPredicates(predicates.SpecChanged())).
		Watches(&v1beta1.ExerciseRevision{}, handler.EnqueueRequestsFromMapFunc(topicByLabel)).
		WatchesMetadata(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(topicByLabel)).
		Watches(&v1beta1.Lab{}, handler.EnqueueRequestsFromMapFunc(topicOfLab), builder.WithPredicates(revisionChanged())).
		Complete(reconcile.Func(r.reconcileRevisions))
	if err != nil {
		return fmt.Errorf("revisions: %w", err)
	}
	return nil
}

func (r *Reconciler) reconcileExercise(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	exercise := &v1beta1.Exercise{}
	if err := r.Client.Get(ctx, req.NamespacedName, exercise); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	_, problems := check.Compile(&exercise.Spec)
	setup, err := catalog.SetupProblems(&exercise.Spec, catalog.MapperScope(r.Mapper))
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("look up the kinds of the setup: %w", err)
	}
	before := exercise.DeepCopy()
	exercise.Status.ObservedGeneration = exercise.Generation
	exercise.Status.TaskCount = int32(len(exercise.Spec.Tasks))
	accept(&exercise.Status.Conditions, exercise.Generation, v1beta1.ReasonInvalidExercise, append(problems, setup...))
	result := ctrl.Result{}
	if len(setup) > 0 {
		// A kind that is unknown may be installed later, and no event tells.
		result.RequeueAfter = kindRecheck
	}
	if equality.Semantic.DeepEqual(before.Status, exercise.Status) {
		return result, nil
	}
	return result, r.Client.Status().Patch(ctx, exercise, client.MergeFrom(before), client.FieldOwner(Owner))
}

func (r *Reconciler) reconcileTopic(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	topic, exercises, key, err := r.read(ctx, req.Name)
	if err != nil || topic == nil {
		return ctrl.Result{}, err
	}
	before := topic.DeepCopy()
	topic.Status.ObservedGeneration = topic.Generation
	topic.Status.ExerciseCount = int32(len(topic.Spec.Exercises))
	topic.Status.QuestionCount = int32(len(topic.Spec.Questions))
	accept(&topic.Status.Conditions, topic.Generation, v1beta1.ReasonInvalidTopic, catalog.TopicProblems(topic, key, exercises))
	if equality.Semantic.DeepEqual(before.Status, topic.Status) {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, r.Client.Status().Patch(ctx, topic, client.MergeFrom(before), client.FieldOwner(Owner))
}

// read reads a topic with its exercises, by name, and its key. What there is not is nil.
func (r *Reconciler) read(ctx context.Context, name string) (*v1beta1.Topic, map[string]*v1beta1.Exercise, *v1beta1.AnswerKey, error) {
	topic := &v1beta1.Topic{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, topic); err != nil {
		return nil, nil, nil, client.IgnoreNotFound(err)
	}
	key := &v1beta1.AnswerKey{}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, key); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return nil, nil, nil, fmt.Errorf("read the answer key of topic %s: %w", name, err)
		}
		key = nil
	}
	exercises := map[string]*v1beta1.Exercise{}
	for _, name := range topic.Spec.Exercises {
		exercise := &v1beta1.Exercise{}
		switch err := r.Client.Get(ctx, client.ObjectKey{Name: name}, exercise); {
		case err == nil:
			exercises[name] = exercise
		case client.IgnoreNotFound(err) != nil:
			return nil, nil, nil, fmt.Errorf("read exercise %s: %w", name, err)
		}
	}
	return topic, exercises, key, nil
}

// accept sets the condition Accepted from what was found wrong.
func accept(all *[]metav1.Condition, generation int64, invalid string, problems []check.Problem) {
	state := conditions.True(v1beta1.ReasonAccepted, "Labs can be started from it")
	if refusal := catalog.Refuse(problems); refusal != nil {
		state = conditions.False(invalid, refusal.Message)
	}
	conditions.Set(all, v1beta1.ConditionAccepted, state, generation, time.Time{})
}

// topicsOf finds the topics that list an exercise.
func (r *Reconciler) topicsOf(ctx context.Context, exercise client.Object) []reconcile.Request {
	topics := &v1beta1.TopicList{}
	if err := r.Client.List(ctx, topics); err != nil {
		// The cache fails to list only when it is being shut down.
		return nil
	}
	var requests []reconcile.Request
	for i := range topics.Items {
		for _, name := range topics.Items[i].Spec.Exercises {
			if name == exercise.GetName() {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&topics.Items[i])})
			}
		}
	}
	return requests
}

// topicByLabel is the topic that a revision or its pin is of.
func topicByLabel(_ context.Context, object client.Object) []reconcile.Request {
	return topicNamed(object.GetLabels()[v1beta1.TopicLabel])
}

// topicOfLab is the topic that a Lab is on.
func topicOfLab(_ context.Context, object client.Object) []reconcile.Request {
	lab, ok := object.(*v1beta1.Lab)
	if !ok {
		return nil
	}
	return topicNamed(lab.Spec.Topic)
}

func topicNamed(name string) []reconcile.Request {
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: name}}}
}

// revisionChanged passes what changes which revision a Lab refers to.
func revisionChanged() predicate.Predicate {
	refers := func(object client.Object) bool {
		lab, ok := object.(*v1beta1.Lab)
		return ok && lab.Status.Revision != ""
	}
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return refers(e.Object) },
		DeleteFunc: func(e event.DeleteEvent) bool { return refers(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool {
			old, isOld := e.ObjectOld.(*v1beta1.Lab)
			now, isNow := e.ObjectNew.(*v1beta1.Lab)
			return isOld && isNow && old.Status.Revision != now.Status.Revision
		},
	}
}

// topicOfKey is the topic with the name of its key.
func topicOfKey(_ context.Context, key client.Object) []reconcile.Request {
	return topicNamed(key.GetName())
}
