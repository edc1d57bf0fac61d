package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

// pin decides which revision the lab is judged by. A lab keeps the one that its environment was started from; only a fresh
// environment takes the one that the catalog holds now. The catalog controller writes revisions, a Lab refers to one.
func (r *Reconciler) pin(ctx context.Context, s *scope) error {
	current, err := r.current(ctx, s)
	if err != nil {
		return err
	}
	name := s.lab.Status.Revision
	fresh := s.lab.Status.Environment == nil && s.lab.Spec.Environment != v1beta1.EnvironmentAbsent
	if fresh && name != "" && s.lab.Status.CompletedAt != nil {
		// What a completed lab was judged by stays, where it can be read: tasks that came later would never be passed.
		_, lost := r.revision(ctx, s, name, current)
		fresh = lost != nil
	}
	switch {
	case current.Refusal != nil && name == "":
		return &fault{current.Refusal.Reason, current.Refusal.Message}
	case current.Refusal == nil && (fresh || name == ""):
		if err := r.awaitRevision(ctx, s, current.Name); err != nil {
			return err
		}
		name = current.Name
	}
	if s.pinned, err = r.revision(ctx, s, name, current); err != nil {
		return err
	}
	s.lab.Status.Revision, s.lab.Status.Exercise = name, s.pinned.Bundle.ExerciseName
	s.outdated = outdated(name, current, s.freshCommands())
	return nil
}

// outdated says how the catalog differs from what the lab was started from.
func outdated(pinned string, current catalog.Candidate, fresh string) conditions.State {
	const goesOn = ". This lab goes on with what it was started from"
	switch refusal := current.Refusal; {
	case current.Name == pinned:
		return conditions.False(v1beta1.ReasonCurrent, "The lab was started from the exercise and the questions as they are now")
	case refusal == nil:
		return conditions.True(v1beta1.ReasonCatalogChanged, "The exercise or its questions changed since this lab was started. A fresh environment takes the new ones: set spec.environment to Absent, then to Present: "+fresh)
	case refusal.Reason == v1beta1.ReasonTopicNotFound || refusal.Reason == v1beta1.ReasonExerciseNotFound:
		return conditions.True(v1beta1.ReasonCatalogDeleted, refusal.Message+goesOn)
	default:
		return conditions.True(v1beta1.ReasonCatalogChanged, "The catalog cannot be used any more: "+refusal.Message+goesOn)
	}
}

// current finds what the lab would be started from now.
func (r *Reconciler) current(ctx context.Context, s *scope) (catalog.Candidate, error) {
	topic, err := get(ctx, r.Client, client.ObjectKey{Name: s.lab.Spec.Topic}, &v1beta1.Topic{})
	if err != nil {
		return catalog.Candidate{}, fmt.Errorf("read topic: %w", err)
	}
	s.topic = topic
	var exercise *v1beta1.Exercise
	var key *v1beta1.AnswerKey
	if topic != nil {
		name := client.ObjectKey{Name: catalog.ExerciseName(s.lab.Spec, topic)}
		if exercise, err = get(ctx, r.Client, name, &v1beta1.Exercise{}); err != nil {
			return catalog.Candidate{}, fmt.Errorf("read exercise: %w", err)
		}
		name = client.ObjectKey{Namespace: r.Settings.OperatorNamespace, Name: topic.Name}
		if key, err = get(ctx, r.Client, name, &v1beta1.AnswerKey{}); err != nil {
			return catalog.Candidate{}, fmt.Errorf("read answer key: %w", err)
		}
	}
	return r.Catalog.Current(s.lab.Spec, topic, exercise, key, catalog.MapperScope(r.Mapper))
}

// revisionRecheck is how often a lab looks for a revision of whose creation it may have missed the event.
const revisionRecheck = 15 * time.Second

// awaitRevision waits until the revision is there that a fresh environment is started from. Its creation wakes the lab.
func (r *Reconciler) awaitRevision(ctx context.Context, s *scope, name string) error {
	found, err := get(ctx, r.Client, client.ObjectKey{Name: name}, &v1beta1.ExerciseRevision{})
	switch {
	case err != nil:
		return fmt.Errorf("read revision %s: %w", name, err)
	case found == nil:
		s.provisioned = conditions.False(v1beta1.ReasonRevisionPending, "The operator is preparing revision "+name+
			" of the exercise, from which this lab is started. It takes a moment; where it does not end, the operator's log says why")
		s.again(revisionRecheck)
		return errWaiting
	}
	return nil
}

// revision is the one with this name, read and compiled once for all labs on it. While its pin is missing, the catalog
// does as well, where it still holds the same content: the catalog controller makes another pin of that.
func (r *Reconciler) revision(ctx context.Context, s *scope, name string, current catalog.Candidate) (*catalog.Compiled, error) {
	compiled, refusal, err := r.Catalog.Pinned(name, func() (catalog.Pin, error) {
		stored := &appsv1.ControllerRevision{}
		if err := r.Direct.Get(ctx, client.ObjectKey{Namespace: r.Settings.OperatorNamespace, Name: name}, stored); err != nil {
			return catalog.Pin{}, err
		}
		return catalog.DecodePin(name, stored.Data.Raw)
	})
	var unusable *catalog.PinError
	switch {
	case apierrors.IsNotFound(err) && current.Name == name && current.Compiled != nil:
		return current.Compiled, nil
	case apierrors.IsNotFound(err) && current.Refusal != nil:
		return nil, &fault{v1beta1.ReasonRevisionLost, "revision " + name + ", from which this lab was started, has been deleted, and the catalog cannot " +
			"replace it: " + current.Refusal.Message + ". What was reached is kept"}
	case apierrors.IsNotFound(err):
		return nil, &fault{v1beta1.ReasonRevisionLost, "revision " + name + ", from which this lab was started, has been deleted, and the catalog has " +
			"other content now. What was reached is kept. Start a fresh environment: set spec.environment to Absent, then to Present: " + s.freshCommands()}
	case errors.As(err, &unusable):
		return nil, &fault{unusable.Reason, unusable.Message}
	case err != nil:
		return nil, fmt.Errorf("read revision %s: %w", name, err)
	case refusal != nil:
		return nil, &fault{refusal.Reason, refusal.Message}
	}
	return compiled, nil
}

// get reads an object; nil where there is none.
func get[T client.Object](ctx context.Context, reader client.Reader, key client.ObjectKey, into T) (T, error) {
	var none T
	if err := reader.Get(ctx, key, into); err != nil {
		return none, client.IgnoreNotFound(err)
	}
	return into, nil
}
