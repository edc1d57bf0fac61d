package lab

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// pin decides what the lab is judged by. A lab keeps the exercise, questions and key that its environment was
// started from; only a fresh environment takes what the catalog holds now.
func (r *Reconciler) pin(ctx context.Context, s *scope) error {
	current, refusal, err := r.resolve(ctx, s)
	if err != nil {
		return err
	}
	pinned := s.lab.Status.Revision
	fresh := s.lab.Status.Environment == nil && s.lab.Spec.Environment != v1alpha1.EnvironmentAbsent
	switch {
	case refusal != nil && pinned == "":
		return &fault{refusal.Reason, refusal.Message}
	case current != nil && (pinned == "" || fresh):
		if err := r.pinTo(ctx, s, current); err != nil {
			return err
		}
	case current != nil && current.Hash == pinned:
		s.pinned = current
		if err := r.keptRevision(ctx, s, current); err != nil {
			return err
		}
	default:
		if s.pinned, err = r.revision(ctx, s, pinned); err != nil {
			return err
		}
	}
	s.lab.Status.Exercise = s.pinned.Bundle.ExerciseName
	s.outdated = outdated(s.pinned, current, refusal, s.freshCommands())
	return nil
}

// outdated says how the catalog differs from what the lab is pinned to.
func outdated(pinned, current *catalog.Compiled, refusal *catalog.Refusal, fresh string) conditions.State {
	switch {
	case refusal != nil && (refusal.Reason == v1alpha1.ReasonTopicNotFound || refusal.Reason == v1alpha1.ReasonExerciseNotFound):
		return conditions.True(v1alpha1.ReasonCatalogDeleted, refusal.Message+". This lab goes on with what it was started from")
	case refusal != nil:
		return conditions.True(v1alpha1.ReasonCatalogChanged, "The catalog cannot be used any more: "+refusal.Message+". This lab goes on with what it was started from")
	case current.Hash != pinned.Hash:
		return conditions.True(v1alpha1.ReasonCatalogChanged, "The exercise or its questions changed since this lab was started. A fresh environment takes the new ones: set spec.environment to Absent, then to Present: "+fresh)
	default:
		return conditions.False(v1alpha1.ReasonCurrent, "The lab was started from the exercise and the questions as they are now")
	}
}

// resolve reads what a lab would be started from now: compiled, or refused with what to do.
func (r *Reconciler) resolve(ctx context.Context, s *scope) (*catalog.Compiled, *catalog.Refusal, error) {
	topic, err := get(ctx, r.Client, client.ObjectKey{Name: s.lab.Spec.Topic}, &v1alpha1.Topic{})
	if err != nil {
		return nil, nil, fmt.Errorf("read topic: %w", err)
	}
	s.topic = topic
	var exercise *v1alpha1.Exercise
	var key *v1alpha1.AnswerKey
	if topic != nil {
		name := client.ObjectKey{Name: catalog.ExerciseName(s.lab.Spec, topic)}
		if exercise, err = get(ctx, r.Client, name, &v1alpha1.Exercise{}); err != nil {
			return nil, nil, fmt.Errorf("read exercise: %w", err)
		}
		name = client.ObjectKey{Namespace: r.Settings.OperatorNamespace, Name: topic.Name}
		if key, err = get(ctx, r.Client, name, &v1alpha1.AnswerKey{}); err != nil {
			return nil, nil, fmt.Errorf("read answer key: %w", err)
		}
	}
	at := versions(s.lab.Spec, topic, exercise, key)
	if compiled := r.compiled.at(at); compiled != nil {
		return compiled, nil, nil
	}
	bundle, refusal := catalog.Resolve(s.lab.Spec, topic, exercise, key)
	if refusal != nil {
		return nil, refusal, nil
	}
	compiled, problems := r.Programs.Get(bundle)
	misplaced, err := catalog.SetupProblems(&bundle.Exercise, catalog.MapperScope(r.Mapper))
	if err != nil {
		return nil, nil, fmt.Errorf("look up the kinds of the setup: %w", err)
	}
	if refusal := catalog.Refuse(append(problems, misplaced...)); refusal != nil {
		return nil, refusal, nil
	}
	r.compiled.keep(at, compiled)
	return compiled, nil, nil
}

// pinTo stores what the lab is started from, where the catalog cannot change it any more, before anything is built on it.
func (r *Reconciler) pinTo(ctx context.Context, s *scope, compiled *catalog.Compiled) error {
	s.pinned = compiled
	if s.lab.Status.Revision == compiled.Hash {
		return r.keptRevision(ctx, s, compiled)
	}
	if err := r.keepRevision(ctx, s, compiled); err != nil {
		return err
	}
	s.lab.Status.Revision = compiled.Hash
	return nil
}

// keptRevision looks, once in a process, whether the revision of a lab is still there: someone may have deleted it, and
// later the catalog may not hold what it held.
func (r *Reconciler) keptRevision(ctx context.Context, s *scope, compiled *catalog.Compiled) error {
	if s.memory.revision == compiled.Hash {
		return nil
	}
	name := client.ObjectKey{Namespace: r.Settings.OperatorNamespace, Name: revisionName(s.lab, compiled.Hash)}
	kept, err := get(ctx, r.Direct, name, &appsv1.ControllerRevision{})
	if err != nil {
		return fmt.Errorf("read revision: %w", err)
	}
	if kept == nil {
		return r.keepRevision(ctx, s, compiled)
	}
	s.memory.revision = compiled.Hash
	return nil
}

func (r *Reconciler) keepRevision(ctx context.Context, s *scope, compiled *catalog.Compiled) error {
	data, err := compiled.Bundle.Encode()
	if err != nil {
		return fmt.Errorf("encode revision: %w", err)
	}
	revision := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.Settings.OperatorNamespace,
			Name:      revisionName(s.lab, compiled.Hash),
			Labels:    guardrail.Labels(s.identity()),
		},
		Data:     runtime.RawExtension{Raw: data},
		Revision: 1,
	}
	if err := r.Direct.Create(ctx, revision, client.FieldOwner(Owner)); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("keep revision: %w", err)
	}
	s.memory.revision = compiled.Hash
	return nil
}

// revision reads what the lab was started from, compiled once for all labs with the same.
func (r *Reconciler) revision(ctx context.Context, s *scope, hash string) (*catalog.Compiled, error) {
	if compiled := r.compiled.at(hash); compiled != nil {
		return compiled, nil
	}
	stored := &appsv1.ControllerRevision{}
	name := client.ObjectKey{Namespace: r.Settings.OperatorNamespace, Name: revisionName(s.lab, hash)}
	if err := r.Direct.Get(ctx, name, stored); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, &fault{v1alpha1.ReasonRevisionLost,
				"what this lab was started from has been deleted. Start a fresh environment: set spec.environment to Absent, then to Present: " + s.freshCommands()}
		}
		return nil, fmt.Errorf("read revision: %w", err)
	}
	bundle, err := catalog.Decode(stored.Data.Raw)
	if err != nil {
		return nil, &fault{v1alpha1.ReasonRevisionLost,
			"what this lab was started from cannot be read. Start a fresh environment: set spec.environment to Absent, then to Present: " + s.freshCommands()}
	}
	compiled, problems := r.Programs.Get(bundle)
	if refusal := catalog.Refuse(problems); refusal != nil {
		return nil, &fault{refusal.Reason, refusal.Message}
	}
	r.compiled.keep(hash, compiled)
	return compiled, nil
}

func revisionName(lab *v1alpha1.Lab, hash string) string {
	return string(lab.UID) + "-" + hash
}

// get reads an object; nil where there is none.
func get[T client.Object](ctx context.Context, reader client.Reader, key client.ObjectKey, into T) (T, error) {
	var none T
	if err := reader.Get(ctx, key, into); err != nil {
		return none, client.IgnoreNotFound(err)
	}
	return into, nil
}
