package lab

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// look finds out what stands under the name of the lab's namespace. An environment that is gone, whoever
// removed it, is taken out of the status here: what follows starts a fresh one.
func (r *Reconciler) look(ctx context.Context, s *scope) error {
	s.lab.Status.Namespace = s.namespace
	found, err := namespaceAt(ctx, r.Client, s.namespace)
	if err != nil {
		return fmt.Errorf("look for namespace %s: %w", s.namespace, err)
	}
	s.found = found
	if s.settled() && s.ours() {
		return nil
	}
	if found == nil && s.live && s.lab.Status.Environment == nil {
		return nil // to create it tells as well whether it is there
	}
	// The cache may be behind: only live reads may lead to writes.
	if err := r.upToDate(ctx, s); err != nil {
		return err
	}
	if s.found, err = namespaceAt(ctx, r.Direct, s.namespace); err != nil {
		return fmt.Errorf("read namespace %s: %w", s.namespace, err)
	}
	if s.lab.Status.Environment != nil && !(s.settled() && s.ours()) {
		s.lab.Status.Environment = nil
		s.memory.forget()
	}
	return nil
}

// upToDate is an error where the Lab has changed since the cache saw it. An operator that has lost the answer to its own
// write would otherwise set up once more what is set up already, and undo what the learner did since.
func (r *Reconciler) upToDate(ctx context.Context, s *scope) error {
	live := &metav1.PartialObjectMetadata{}
	live.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Lab"))
	if err := r.Direct.Get(ctx, s.key, live); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	if live.ResourceVersion != s.lab.ResourceVersion {
		labs := schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "labs"}
		return apierrors.NewConflict(labs, s.lab.Name, errors.New("the cache is behind"))
	}
	return nil
}

// ours tells whether the namespace that was found carries this Lab's UID, which only the operator can write.
func (s *scope) ours() bool {
	return s.found != nil && s.found.Labels[v1alpha1.LabUIDLabel] == string(s.lab.UID)
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
