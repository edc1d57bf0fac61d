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

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
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
	if s.lab.Spec.Environment == v1beta1.EnvironmentAbsent {
		return nil
	}
	if s.environment != environmentForeign {
		if err := r.watchEvidence(s); err != nil {
			return err
		}
	}
	if s.environment.isSetUp() {
		s.provisioned = conditions.True(v1beta1.ReasonProvisioned, "The exercise is set up in namespace "+s.namespace)
		return r.repairGuardrails(ctx, s)
	}
	s.provisioned = conditions.False(v1beta1.ReasonProvisioning, "The exercise is being set up in namespace "+s.namespace)
	created, err := r.ensureNamespace(ctx, s)
	if err != nil {
		return err
	}
	if err := r.setUp(ctx, s, created); err != nil {
		return err
	}
	s.lab.Status.Environment = &v1beta1.LabEnvironment{
		NamespaceUID: string(s.found.UID),
		SetupHash:    s.pinned.Hash,
		StartedAt:    s.stamp(),
	}
	s.environment = environmentApplied
	if s.lab.Status.StartedAt == nil {
		s.lab.Status.StartedAt = s.stamp()
	}
	s.provisioned = conditions.True(v1beta1.ReasonProvisioned, "The exercise is set up in namespace "+s.namespace)
	return nil
}

// ensureNamespace creates the namespace, or takes the one that an earlier process created for this very Lab.
func (r *Reconciler) ensureNamespace(ctx context.Context, s *scope) (created bool, err error) {
	if s.found == nil {
		wanted := guardrail.Namespace(s.identity(), s.namespace, &s.pinned.Bundle.Exercise, s.pinned.Setup)
		err := r.Direct.Create(ctx, wanted, client.FieldOwner(Owner))
		switch {
		case apierrors.IsAlreadyExists(err):
			if err := r.takeFound(ctx, s); err != nil {
				return false, err
			}
		case err != nil:
			return false, fmt.Errorf("create namespace: %w", err)
		default:
			s.saw(&metav1.PartialObjectMetadata{ObjectMeta: wanted.ObjectMeta})
			r.Evidence.Confirm(s.key, wanted.UID, wanted.ResourceVersion)
			return true, nil
		}
	}
	switch s.environment {
	case environmentForeign:
		// What somebody else has there is not to be watched, nor to wake this lab.
		r.release(s)
		s.again(takenRecheck)
		s.provisioned = conditions.False(v1beta1.ReasonNamespaceTaken, r.taken(s))
		return false, errWaiting
	case environmentTerminating:
		s.again(goingRecheck(s.found, s.now))
		s.provisioned = conditions.False(v1beta1.ReasonTerminating, r.withRemains(ctx, s,
			"The earlier environment in namespace "+s.namespace+" is being removed; a fresh one follows"))
		return false, errWaiting
	default:
		return false, nil
	}
}

// taken says whose namespace stands in the way, and what to do. It never advises to delete what is ours or another lab's.
func (r *Reconciler) taken(s *scope) string {
	const rename = "delete this lab and give the new one another name"
	labels := s.found.Labels
	switch {
	case s.namespace == r.Settings.OperatorNamespace:
		return fmt.Sprintf("Namespace %s is the operator's own, and it is left alone. To go on, %s", s.namespace, rename)
	case labels[v1beta1.WorkshopUIDLabel] != "":
		return fmt.Sprintf("Namespace %s belongs to a workshop, and it is left alone. To go on, %s", s.namespace, rename)
	case labels[v1beta1.LabUIDLabel] != "" && labels[v1beta1.LabNamespaceLabel] == s.lab.Namespace && labels[v1beta1.LabNameLabel] == s.lab.Name:
		return fmt.Sprintf("Namespace %s belongs to an earlier lab of this name, and it is left alone. Delete it: kubectl delete namespace %s", s.namespace, s.namespace)
	case labels[v1beta1.LabUIDLabel] != "":
		return fmt.Sprintf("Namespace %s belongs to lab %s in namespace %s, and it is left alone. To go on, %s",
			s.namespace, labels[v1beta1.LabNameLabel], labels[v1beta1.LabNamespaceLabel], rename)
	}
	return fmt.Sprintf("Namespace %s exists and does not belong to this lab, and it is left alone. Delete it, or %s", s.namespace, rename)
}

// takeFound reads the namespace that stands in the way, and follows it as one that was there before.
func (r *Reconciler) takeFound(ctx context.Context, s *scope) error {
	found, err := namespaceAt(ctx, r.Direct, s.namespace)
	if err != nil {
		return fmt.Errorf("read namespace %s: %w", s.namespace, err)
	}
	if s.saw(found); found == nil {
		return apierrors.NewNotFound(corev1.Resource("namespaces"), s.namespace)
	}
	if !s.environment.isOurs() {
		return nil
	}
	return r.watchEvidence(s)
}

// takeDown removes the namespace where spec.environment asks for it, and keeps the results. It needs nothing of
// the catalog: a lab that has lost what it was started from is taken down as well.
func (r *Reconciler) takeDown(ctx context.Context, s *scope) error {
	if s.lab.Spec.Environment != v1beta1.EnvironmentAbsent {
		return nil
	}
	r.release(s)
	s.memory.forget()
	s.lab.Status.Environment, s.environment = nil, environmentNone
	gone, err := r.removeNamespace(ctx, s)
	if err != nil {
		return err
	}
	s.provisioned = conditions.False(v1beta1.ReasonEnvironmentAbsent, "The environment was removed as spec.environment asks. Set it to Present to start a fresh one: "+
		s.environmentCommand(v1beta1.EnvironmentPresent))
	if !gone {
		s.provisioned = conditions.False(v1beta1.ReasonTerminating, r.withRemains(ctx, s, "Namespace "+s.namespace+" is being removed as spec.environment asks"))
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
		found, err := namespaceAt(ctx, reader, s.namespace)
		if err != nil {
			return false, fmt.Errorf("read namespace %s: %w", s.namespace, err)
		}
		if s.saw(found); s.environment == environmentTerminating {
			return false, nil
		}
	}
	if !s.environment.isOurs() {
		return true, nil
	}
	// By UID: a namespace that someone put in its place meanwhile is not ours to delete.
	only := client.Preconditions{UID: ptr.To(s.found.UID)}
	if err := r.Direct.Delete(ctx, s.found, only); client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("delete namespace %s: %w", s.namespace, err)
	}
	s.environment = environmentTerminating
	return false, nil
}
