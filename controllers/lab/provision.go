package lab

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

const (
	// goneRecheck is how soon to look whether a namespace has gone, besides being told so, and rarestRecheck how often to the
	// last: a room that is taken down must not be asked after all the time.
	goneRecheck   = 2 * time.Second
	rarestRecheck = 30 * time.Second
	// takenRecheck is how often to look whether a foreign namespace is out of the way: nobody tells us.
	takenRecheck = 15 * time.Second
	// youngRights is how long after the namespace was made a refusal may be due to bindings that have not spread.
	youngRights = 10 * time.Second
)

// provision brings the lab's namespace to where the learner can work in it.
func (r *Reconciler) provision(ctx context.Context, s *scope) error {
	if s.lab.Spec.Environment == v1alpha1.EnvironmentAbsent {
		return nil
	}
	if err := r.follow(s); err != nil {
		return err
	}
	if s.settled() {
		s.provisioned = yes(v1alpha1.ReasonProvisioned, "The exercise is set up in namespace "+s.namespace)
		return r.repair(ctx, s)
	}
	s.provisioned = no(v1alpha1.ReasonProvisioning, "The exercise is being set up in namespace "+s.namespace)
	if err := r.ensureNamespace(ctx, s); err != nil {
		return err
	}
	rails := r.rails(s)
	for _, rail := range rails {
		if err := r.Direct.Apply(ctx, client.ApplyConfigurationFromUnstructured(rail), client.FieldOwner(Owner), client.ForceOwnership); err != nil {
			return fmt.Errorf("apply %s %s: %w", rail.GetKind(), rail.GetName(), err)
		}
	}
	for _, object := range s.pinned.Setup {
		object = object.DeepCopy()
		object.SetNamespace(s.namespace)
		if err := r.Deployer.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(Owner), client.ForceOwnership); err != nil {
			return r.setupError(s, fmt.Errorf("set up %s %s: %w", object.GetKind(), object.GetName(), err))
		}
	}
	s.lab.Status.Environment = &v1alpha1.LabEnvironment{
		NamespaceUID: string(s.found.UID),
		SetupHash:    s.pinned.Hash,
		StartedAt:    s.stamp(),
	}
	if s.lab.Status.StartedAt == nil {
		s.lab.Status.StartedAt = s.stamp()
	}
	s.provisioned = yes(v1alpha1.ReasonProvisioned, "The exercise is set up in namespace "+s.namespace)
	return nil
}

// ensureNamespace creates the namespace, or takes the one that an earlier process created for this very Lab.
func (r *Reconciler) ensureNamespace(ctx context.Context, s *scope) error {
	if s.found == nil {
		wanted := guardrail.Namespace(s.identity(), s.namespace, &s.pinned.Bundle.Exercise, s.pinned.Setup)
		err := r.Direct.Create(ctx, wanted, client.FieldOwner(Owner))
		switch {
		case apierrors.IsAlreadyExists(err):
			if err := r.takeFound(ctx, s); err != nil {
				return err
			}
		case err != nil:
			return fmt.Errorf("create namespace: %w", err)
		default:
			s.found = &metav1.PartialObjectMetadata{ObjectMeta: wanted.ObjectMeta}
			r.Evidence.Created(s.key, wanted.ResourceVersion)
		}
	}
	switch {
	case !s.ours():
		s.again(takenRecheck)
		s.provisioned = no(v1alpha1.ReasonNamespaceTaken, fmt.Sprintf(
			"Namespace %s exists and does not belong to this lab, and it is left alone. Delete it, or delete this lab and give the new one another name", s.namespace))
		return errWaiting
	case !s.found.DeletionTimestamp.IsZero():
		s.again(goingRecheck(s.found, s.now))
		s.provisioned = no(v1alpha1.ReasonTerminating, "The earlier environment in namespace "+s.namespace+" is being removed; a fresh one follows")
		return errWaiting
	}
	return nil
}

// takeFound reads the namespace that stands in the way, and follows it as one that was there before.
func (r *Reconciler) takeFound(ctx context.Context, s *scope) error {
	var err error
	if s.found, err = namespaceAt(ctx, r.Direct, s.namespace); err != nil {
		return fmt.Errorf("read namespace %s: %w", s.namespace, err)
	}
	if s.found == nil {
		return apierrors.NewNotFound(corev1.Resource("namespaces"), s.namespace)
	}
	return r.follow(s)
}

// setupError tells a binding that has not spread yet from a right that is lacking.
func (r *Reconciler) setupError(s *scope, err error) error {
	if apierrors.IsForbidden(err) && s.now.Sub(s.found.CreationTimestamp.Time) < youngRights {
		return &young{err}
	}
	if apierrors.IsForbidden(err) && !isTransient(err) {
		return &fault{v1alpha1.ReasonSetupRefused, fmt.Sprintf("%v. Correct the exercise, then start a fresh environment", err)}
	}
	return err
}

// takeDown removes the namespace where spec.environment asks for it, and keeps the results. It needs nothing of
// the catalog: a lab that has lost what it was started from is taken down as well.
func (r *Reconciler) takeDown(ctx context.Context, s *scope) error {
	if s.lab.Spec.Environment != v1alpha1.EnvironmentAbsent {
		return nil
	}
	r.forget(s)
	s.memory.forget()
	s.lab.Status.Environment = nil
	gone, err := r.removeNamespace(ctx, s)
	if err != nil {
		return err
	}
	s.provisioned = no(v1alpha1.ReasonEnvironmentAbsent, "The environment was removed as spec.environment asks. Set it to Present to start a fresh one")
	if !gone {
		s.provisioned = no(v1alpha1.ReasonTerminating, "Namespace "+s.namespace+" is being removed as spec.environment asks")
		s.again(goingRecheck(s.found, s.now))
	}
	return nil
}

// goingRecheck is when to look again whether a namespace has gone: the rarer, the longer it takes.
func goingRecheck(going *metav1.PartialObjectMetadata, now time.Time) time.Duration {
	if going == nil || going.DeletionTimestamp == nil {
		return goneRecheck
	}
	return min(max(now.Sub(going.DeletionTimestamp.Time)/2, goneRecheck), rarestRecheck)
}

// removeNamespace deletes the lab's namespace, and only it, and tells whether it has gone.
func (r *Reconciler) removeNamespace(ctx context.Context, s *scope) (gone bool, err error) {
	// A cache that is behind says early enough that a namespace is going. That there is none, or one to delete, is for a live
	// read to say.
	for _, reader := range []client.Reader{r.Client, r.Direct} {
		if s.found, err = namespaceAt(ctx, reader, s.namespace); err != nil {
			return false, fmt.Errorf("read namespace %s: %w", s.namespace, err)
		}
		if s.ours() && !s.found.DeletionTimestamp.IsZero() {
			return false, nil
		}
	}
	if !s.ours() {
		return true, nil
	}
	// By UID: a namespace that someone put in its place meanwhile is not ours to delete.
	only := client.Preconditions{UID: ptr.To(s.found.UID)}
	if err := r.Direct.Delete(ctx, s.found, only); client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("delete namespace %s: %w", s.namespace, err)
	}
	return false, nil
}
