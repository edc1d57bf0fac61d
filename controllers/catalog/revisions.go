package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
)

// revision is what there is of one revision of a topic: what learners read, the pin, or both.
type revision struct {
	name     string
	exercise string
	readable *v1beta1.ExerciseRevision     // nil where there is none
	pin      *metav1.PartialObjectMetadata // nil where there is none
}

// newerFirst orders complete revisions. Times have full seconds; pins never change, so their resource versions tell the rest.
func newerFirst(a, b *revision) int {
	byVersion, err := resourceversion.CompareResourceVersion(b.pin.ResourceVersion, a.pin.ResourceVersion)
	if err != nil {
		byVersion = 0 // not one of this API server's
	}
	return cmp.Or(b.pin.CreationTimestamp.Compare(a.pin.CreationTimestamp.Time), byVersion, cmp.Compare(a.name, b.name))
}

// reconcileRevisions keeps the revisions of one topic, which need not exist any more: what labs would be started from now
// is there, what labs refer to stays complete, and of the rest the newest are kept.
func (r *Reconciler) reconcileRevisions(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	current, result, err := r.ensureCurrent(ctx, req.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	revisions, err := r.revisionsOf(ctx, req.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	superseded := map[string][]*revision{} // by exercise: complete, and nothing refers to them
	for _, found := range revisions {
		if current[found.name] {
			continue
		}
		referred, err := r.isReferredTo(ctx, found.name)
		if err != nil {
			return ctrl.Result{}, err
		}
		switch isWhole := found.readable != nil && found.pin != nil; {
		case referred && found.readable == nil:
			err = r.restore(ctx, found.name)
		case referred: // without a pin it is still what learners read
		case isWhole:
			superseded[found.exercise] = append(superseded[found.exercise], found)
		default:
			err = r.remove(ctx, found)
		}
		if err != nil {
			return ctrl.Result{}, err
		}
	}
	for _, all := range superseded {
		slices.SortFunc(all, newerFirst)
		for _, old := range all[min(r.HistoryLimit, len(all)):] {
			if err := r.remove(ctx, old); err != nil {
				return ctrl.Result{}, err
			}
		}
	}
	return result, nil
}

// ensureCurrent writes what labs on a topic would be started from now, for each exercise that can be used. It returns the
// names.
func (r *Reconciler) ensureCurrent(ctx context.Context, topicName string) (map[string]bool, ctrl.Result, error) {
	topic, exercises, key, err := r.read(ctx, topicName)
	if err != nil || topic == nil {
		return nil, ctrl.Result{}, err
	}
	var result ctrl.Result
	current := map[string]bool{}
	for _, name := range topic.Spec.Exercises {
		spec := v1beta1.LabSpec{Topic: topic.Name, Exercise: name}
		found, err := r.Cache.Current(spec, topic, exercises[name], key, catalog.MapperScope(r.Mapper))
		switch {
		case err != nil:
			return nil, ctrl.Result{}, fmt.Errorf("exercise %s: %w", name, err)
		case found.Name != "":
			current[found.Name] = true
		}
		if found.Refusal != nil {
			// A kind of the setup that is unknown may be installed later, and no event tells.
			result.RequeueAfter = kindRecheck
			continue
		}
		if err := r.ensure(ctx, found.Compiled); err != nil {
			return nil, ctrl.Result{}, err
		}
	}
	return current, result, nil
}

// ensure writes a revision that is not there. The pin comes first: who sees the revision finds its pin.
func (r *Reconciler) ensure(ctx context.Context, compiled *catalog.Compiled) error {
	pin := &metav1.PartialObjectMetadata{}
	pin.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("ControllerRevision"))
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: compiled.Name}, pin)
	if apierrors.IsNotFound(err) {
		stored, encodeErr := compiled.Pin().ControllerRevision(r.Namespace)
		if encodeErr != nil {
			return encodeErr
		}
		err = r.create(ctx, stored)
	}
	if err != nil {
		return fmt.Errorf("store the pin %s: %w", compiled.Name, err)
	}
	err = r.Client.Get(ctx, client.ObjectKey{Name: compiled.Name}, &v1beta1.ExerciseRevision{})
	if apierrors.IsNotFound(err) {
		err = r.create(ctx, compiled.Bundle.Revision())
	}
	if err != nil {
		return fmt.Errorf("write revision %s: %w", compiled.Name, err)
	}
	return nil
}

// create creates an object of which there is one at most, whoever creates it.
func (r *Reconciler) create(ctx context.Context, object client.Object) error {
	err := r.Client.Create(ctx, object, client.FieldOwner(Owner))
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// revisionsOf lists what there is of the revisions of a topic.
func (r *Reconciler) revisionsOf(ctx context.Context, topic string) ([]*revision, error) {
	readable := &v1beta1.ExerciseRevisionList{}
	if err := r.Client.List(ctx, readable, client.MatchingLabels{v1beta1.TopicLabel: topic}); err != nil {
		return nil, fmt.Errorf("list the revisions of topic %s: %w", topic, err)
	}
	pins := &metav1.PartialObjectMetadataList{}
	pins.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("ControllerRevisionList"))
	if err := r.Client.List(ctx, pins, client.InNamespace(r.Namespace), client.MatchingLabels{v1beta1.TopicLabel: topic}); err != nil {
		return nil, fmt.Errorf("list the pins of topic %s: %w", topic, err)
	}
	byName := map[string]*revision{}
	for i := range readable.Items {
		one := &readable.Items[i]
		byName[one.Name] = &revision{name: one.Name, exercise: one.Spec.Exercise, readable: one}
	}
	for i := range pins.Items {
		pin := &pins.Items[i]
		if byName[pin.Name] == nil {
			byName[pin.Name] = &revision{name: pin.Name, exercise: pin.Labels[v1beta1.ExerciseLabel]}
		}
		byName[pin.Name].pin = pin
	}
	revisions := make([]*revision, 0, len(byName))
	for _, one := range byName {
		revisions = append(revisions, one)
	}
	return revisions, nil
}

// isReferredTo tells whether a Lab was started from a revision.
func (r *Reconciler) isReferredTo(ctx context.Context, name string) (bool, error) {
	labs := &v1beta1.LabList{}
	if err := r.Client.List(ctx, labs, client.MatchingFields{catalog.RevisionField: name}, client.Limit(1)); err != nil {
		return false, fmt.Errorf("look for labs on revision %s: %w", name, err)
	}
	return len(labs.Items) > 0, nil
}

// restore writes again what learners read of a revision, from its pin. A pin that cannot be used is for the labs on it to
// tell of.
func (r *Reconciler) restore(ctx context.Context, name string) error {
	stored := &appsv1.ControllerRevision{}
	if err := r.Direct.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, stored); err != nil {
		return client.IgnoreNotFound(err)
	}
	pin, err := catalog.DecodePin(name, stored.Data.Raw)
	if err != nil {
		log.FromContext(ctx).Error(err, "Cannot restore a revision", "revision", name)
		return nil
	}
	if err := r.create(ctx, pin.Bundle.Revision()); err != nil {
		return fmt.Errorf("restore revision %s: %w", name, err)
	}
	log.FromContext(ctx).Info("Restored a revision from its pin", "revision", name)
	return nil
}

// remove deletes what is left of a revision. The pin goes first: half a revision that nothing refers to is removed later,
// and never completed.
func (r *Reconciler) remove(ctx context.Context, old *revision) error {
	if old.pin != nil {
		only := client.Preconditions{UID: &old.pin.UID}
		if err := r.Client.Delete(ctx, old.pin, only); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete the pin %s: %w", old.name, err)
		}
	}
	if old.readable != nil {
		only := client.Preconditions{UID: &old.readable.UID}
		if err := r.Client.Delete(ctx, old.readable, only); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete revision %s: %w", old.name, err)
		}
	}
	return nil
}
