package lab

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// environment is how far the environment of a Lab has come. Each value includes what the ones before it say, from
// environmentTerminating on.
type environment int

const (
	// environmentNone: there is no namespace.
	environmentNone environment = iota
	// environmentForeign: the namespace is not this Lab's.
	environmentForeign
	// environmentTerminating: the namespace carries this Lab's UID, which only the operator can write, and is being removed.
	environmentTerminating
	// environmentCreating: the namespace stays, and the setup in it is not known to be complete.
	environmentCreating
	// environmentApplied: the setup was completed in this reconcile.
	environmentApplied
	// environmentResumed: the setup was completed before, and the status as it was read is about this environment.
	environmentResumed
	// environmentReady: the learner could work in it when the Lab was last written.
	environmentReady
)

// isOurs tells whether the namespace is this Lab's.
func (e environment) isOurs() bool { return e >= environmentTerminating }

// isSetUp tells whether the setup was applied completely in the namespace that is there now.
func (e environment) isSetUp() bool { return e >= environmentApplied }

// isResumed tells whether the status as it was read is about the environment that is there now.
func (e environment) isResumed() bool { return e >= environmentResumed }

// environmentOf tells what a namespace is to a Lab as it was read.
func environmentOf(lab *v1beta1.Lab, found *metav1.PartialObjectMetadata) environment {
	switch status := recorded(lab); {
	case found == nil:
		return environmentNone
	case found.Labels[v1beta1.LabUIDLabel] != string(lab.UID):
		return environmentForeign
	case !found.DeletionTimestamp.IsZero():
		return environmentTerminating
	case !status.isSetUp() || lab.Status.Environment.NamespaceUID != string(found.UID):
		return environmentCreating
	default:
		return status
	}
}

// recorded is the environment as the status has it: what counts until the namespace is read.
func recorded(lab *v1beta1.Lab) environment {
	status := lab.Status.Environment
	if status == nil || status.SetupHash == "" {
		return environmentNone
	}
	ready := meta.FindStatusCondition(lab.Status.Conditions, v1beta1.ConditionReady)
	if status.StartedAt != nil && ready != nil && ready.Status == metav1.ConditionTrue && !ready.LastTransitionTime.Before(status.StartedAt) {
		return environmentReady
	}
	return environmentResumed
}

// saw notes the namespace that was read.
func (s *scope) saw(found *metav1.PartialObjectMetadata) {
	s.found, s.environment = found, environmentOf(s.lab, found)
}

// observe finds out what stands under the name of the lab's namespace. An environment that is gone, whoever
// removed it, is taken out of the status here: what follows starts a fresh one.
func (r *Reconciler) observe(ctx context.Context, s *scope) error {
	s.lab.Status.Namespace = s.namespace
	found, err := namespaceAt(ctx, r.Client, s.namespace)
	if err != nil {
		return fmt.Errorf("look for namespace %s: %w", s.namespace, err)
	}
	if s.saw(found); s.environment.isResumed() {
		return nil
	}
	if found == nil && s.latest && s.lab.Status.Environment == nil {
		return nil // to create it tells as well whether it is there
	}
	// The cache may be behind: only live reads may lead to writes.
	if err := r.upToDate(ctx, s); err != nil {
		return err
	}
	if found, err = namespaceAt(ctx, r.Direct, s.namespace); err != nil {
		return fmt.Errorf("read namespace %s: %w", s.namespace, err)
	}
	if s.saw(found); s.lab.Status.Environment != nil && !s.environment.isResumed() {
		s.lab.Status.Environment = nil
		s.memory.forget()
	}
	return nil
}

// upToDate is an error where the Lab has changed since the cache saw it. An operator that has lost the answer to its own
// write would otherwise set up once more what is set up already, and undo what the learner did since.
func (r *Reconciler) upToDate(ctx context.Context, s *scope) error {
	live := &metav1.PartialObjectMetadata{}
	live.SetGroupVersionKind(v1beta1.GroupVersion.WithKind("Lab"))
	if err := r.Direct.Get(ctx, s.key, live); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	if live.ResourceVersion != s.lab.ResourceVersion {
		labs := schema.GroupResource{Group: v1beta1.GroupVersion.Group, Resource: "labs"}
		return apierrors.NewConflict(labs, s.lab.Name, errors.New("the cache is behind"))
	}
	return nil
}

// namespaceAt reads a namespace's metadata; nil where there is none.
func namespaceAt(ctx context.Context, reader client.Reader, name string) (*metav1.PartialObjectMetadata, error) {
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := reader.Get(ctx, client.ObjectKey{Name: name}, found); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return nil, err
	}
	return found, nil
}
