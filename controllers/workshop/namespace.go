package workshop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

const (
	// goneRecheck is how often to look whether a namespace has gone.
	goneRecheck = 2 * time.Second
)

// errTaken says that the namespace of an attendee is somebody else's.
var errTaken = errors.New("the namespace exists and does not belong to this workshop, and it is left alone. Delete it, or give the attendee another name")

// errGoing says that an earlier namespace of the attendee is being removed.
var errGoing = errors.New("an earlier namespace is being removed")

// labels are those of everything that is made for an attendee.
func (s *scope) labels(a *attendee) map[string]string {
	return map[string]string{
		v1beta1.WorkshopLabel:          s.key.Name,
		v1beta1.WorkshopNamespaceLabel: s.key.Namespace,
		v1beta1.WorkshopUIDLabel:       string(s.workshop.UID),
		v1beta1.AttendeeLabel:          a.handle,
		guardrail.ManagedByLabel:       guardrail.ManagedBy,
	}
}

func (a *attendee) annotations() map[string]string {
	return map[string]string{v1beta1.AttendeeAnnotation: a.Name}
}

// createNamespace creates the attendee's namespace, or takes the one that an earlier process created. Nothing runs in it.
func (r *Reconciler) createNamespace(ctx context.Context, s *scope, a *attendee) error {
	labels := s.labels(a)
	labels["pod-security.kubernetes.io/enforce"] = string(v1beta1.PodSecurityRestricted)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.namespace, Labels: labels, Annotations: a.annotations()}}
	err := r.Direct.Create(ctx, namespace, client.FieldOwner(Owner))
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Direct.Get(ctx, client.ObjectKey{Name: a.namespace}, found); err != nil {
		return err
	}
	switch {
	case !s.owns(found):
		return fmt.Errorf("namespace %s: %w", a.namespace, errTaken)
	case !found.DeletionTimestamp.IsZero():
		return fmt.Errorf("namespace %s: %w", a.namespace, errGoing)
	}
	return nil
}

// owns tells whether a namespace is of an attendee of this workshop. The label with a UID proves that the operator made it,
// and the name for which workshop: a Workshop that is restored has another UID, and is the same workshop.
func (s *scope) owns(namespace client.Object) bool {
	labels := namespace.GetLabels()
	uid, handle := labels[v1beta1.WorkshopUIDLabel], labels[v1beta1.AttendeeLabel]
	return uid != "" && (uid == string(s.workshop.UID) || handle != "" && namespace.GetName() == roster.NamespaceName(s.key, handle))
}

// attendeeNamespaces are the namespaces of this workshop's attendees, those that are not in the roster any more among them.
func (r *Reconciler) attendeeNamespaces(ctx context.Context, s *scope) ([]metav1.PartialObjectMetadata, error) {
	namespaces := &metav1.PartialObjectMetadataList{}
	namespaces.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NamespaceList"))
	if err := r.Direct.List(ctx, namespaces, client.HasLabels{v1beta1.WorkshopUIDLabel}); err != nil {
		return nil, fmt.Errorf("list the namespaces of attendees: %w", err)
	}
	return slices.DeleteFunc(namespaces.Items, func(namespace metav1.PartialObjectMetadata) bool { return !s.owns(&namespace) }), nil
}

// deleteNamespace deletes an attendee's namespace, and only it.
func (r *Reconciler) deleteNamespace(ctx context.Context, namespace *metav1.PartialObjectMetadata) error {
	if !namespace.DeletionTimestamp.IsZero() {
		return nil
	}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Direct.Delete(ctx, namespace, client.Preconditions{UID: ptr.To(namespace.UID)}); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete namespace %s: %w", namespace.Name, err)
	}
	return nil
}

// removeNamespace deletes the namespace of one attendee, if it is ours.
func (r *Reconciler) removeNamespace(ctx context.Context, s *scope, a *attendee) error {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Direct.Get(ctx, client.ObjectKey{Name: a.namespace}, namespace); err != nil {
		return client.IgnoreNotFound(err)
	}
	if !s.owns(namespace) {
		return nil
	}
	return r.deleteNamespace(ctx, namespace)
}
