package workshop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	rbacv1ac "k8s.io/client-go/applyconfigurations/rbac/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

const (
	// registrarRole is what the operator binds to itself to keep the attendee's account.
	registrarRole = "lab-operator-registrar"
	// learnerRole lets an attendee read and answer Labs in the own namespace.
	learnerRole = "lab-operator-learner-labs"
	// goneRecheck is how often to look whether a namespace has gone.
	goneRecheck = 2 * time.Second
)

// rolesOfHome are those that are bound in an attendee's namespace.
var rolesOfHome = []string{registrarRole, learnerRole}

// errTaken says that the namespace of an attendee is somebody else's.
var errTaken = errors.New("the namespace exists and does not belong to this workshop, and it is left alone. Delete it, or give the attendee another name")

// errGoing says that an earlier namespace of the attendee is being removed.
var errGoing = errors.New("an earlier namespace is being removed")

// labels are those of everything that is made for an attendee.
func (s *scope) labels(a *attendee) map[string]string {
	return map[string]string{
		v1alpha1.WorkshopLabel:          s.key.Name,
		v1alpha1.WorkshopNamespaceLabel: s.key.Namespace,
		v1alpha1.WorkshopUIDLabel:       string(s.workshop.UID),
		v1alpha1.AttendeeLabel:          a.handle,
		guardrail.ManagedByLabel:        guardrail.ManagedBy,
	}
}

func (a *attendee) annotations() map[string]string {
	return map[string]string{v1alpha1.AttendeeAnnotation: a.Name}
}

// makeHome creates the attendee's namespace, or takes the one that an earlier process created. Nothing runs in it.
func (r *Reconciler) makeHome(ctx context.Context, s *scope, a *attendee) error {
	labels := s.labels(a)
	labels["pod-security.kubernetes.io/enforce"] = string(v1alpha1.PodSecurityRestricted)
	home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.namespace, Labels: labels, Annotations: a.annotations()}}
	err := r.Direct.Create(ctx, home, client.FieldOwner(Owner))
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

// bind gives the operator the rights to keep the account, and the attendee those on the Labs.
func (r *Reconciler) bind(ctx context.Context, s *scope, a *attendee) error {
	subjects := r.subjects(a)
	for _, role := range rolesOfHome {
		if a.bindings[role] != nil {
			continue
		}
		subject := subjects[role]
		binding := rbacv1ac.RoleBinding(role, a.namespace).
			WithLabels(s.labels(a)).
			WithAnnotations(a.annotations()).
			WithRoleRef(rbacv1ac.RoleRef().WithAPIGroup(rbacv1.GroupName).WithKind("ClusterRole").WithName(role)).
			WithSubjects(rbacv1ac.Subject().WithKind(subject.Kind).WithNamespace(subject.Namespace).WithName(subject.Name))
		if err := r.Direct.Apply(ctx, binding, client.FieldOwner(Owner), client.ForceOwnership); err != nil {
			return fmt.Errorf("bind %s: %w", role, err)
		}
	}
	return nil
}

// makeLab creates one of the attendee's Labs.
func (r *Reconciler) makeLab(ctx context.Context, s *scope, a *attendee, name string) error {
	for _, lab := range s.workshop.Spec.Labs {
		if lab.Name != name {
			continue
		}
		labels := s.labels(a)
		delete(labels, v1alpha1.WorkshopUIDLabel) // A Lab that is restored is taken, whatever UID the Workshop has now.
		made := &v1alpha1.Lab{
			ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: name, Labels: labels, Annotations: a.annotations()},
			Spec:       v1alpha1.LabSpec{Topic: lab.Topic, Exercise: lab.Exercise, Size: s.workshop.Spec.Size},
		}
		if err := r.Client.Create(ctx, made, client.FieldOwner(Owner)); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("create lab %s: %w", name, err)
		}
	}
	return nil
}

// changeLab patches a Lab that was read from the cache.
func (r *Reconciler) changeLab(ctx context.Context, is *v1alpha1.Lab, change func(*v1alpha1.Lab)) error {
	lab := is.DeepCopy()
	change(lab)
	if err := r.Client.Patch(ctx, lab, client.MergeFrom(is), client.FieldOwner(Owner)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("patch lab %s: %w", lab.Name, err)
	}
	return nil
}

// removeLab deletes a Lab, and only that one: its results are recorded before it goes.
func (r *Reconciler) removeLab(ctx context.Context, is *v1alpha1.Lab) error {
	if !is.DeletionTimestamp.IsZero() {
		return nil
	}
	err := r.Client.Delete(ctx, is.DeepCopy(), client.Preconditions{UID: ptr.To(is.UID)})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete lab %s: %w", is.Name, err)
	}
	return nil
}

// revoke makes every token of an attendee worthless at once, and removes the kubeconfig.
func (r *Reconciler) revoke(ctx context.Context, s *scope, a *attendee) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.key.Namespace, Name: roster.SecretName(s.key.Name, a.handle)}}
	if err := r.Direct.Delete(ctx, secret); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete the kubeconfig: %w", err)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: guardrail.LearnerServiceAccount}}
	if err := r.Direct.Delete(ctx, account); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete the account: %w", err)
	}
	return nil
}

// owns tells whether a namespace is of an attendee of this workshop. The label with a UID proves that the operator made it,
// and the name for which workshop: a Workshop that is restored has another UID, and is the same workshop.
func (s *scope) owns(home client.Object) bool {
	labels := home.GetLabels()
	uid, handle := labels[v1alpha1.WorkshopUIDLabel], labels[v1alpha1.AttendeeLabel]
	return uid != "" && (uid == string(s.workshop.UID) || handle != "" && home.GetName() == roster.NamespaceName(s.key, handle))
}

// homes are the namespaces of this workshop's attendees, those that are not in the roster any more among them.
func (r *Reconciler) homes(ctx context.Context, s *scope) ([]metav1.PartialObjectMetadata, error) {
	homes := &metav1.PartialObjectMetadataList{}
	homes.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NamespaceList"))
	if err := r.Direct.List(ctx, homes, client.HasLabels{v1alpha1.WorkshopUIDLabel}); err != nil {
		return nil, fmt.Errorf("list the namespaces of attendees: %w", err)
	}
	return slices.DeleteFunc(homes.Items, func(home metav1.PartialObjectMetadata) bool { return !s.owns(&home) }), nil
}

// deleteHome deletes an attendee's namespace, and only it.
func (r *Reconciler) deleteHome(ctx context.Context, home *metav1.PartialObjectMetadata) error {
	if !home.DeletionTimestamp.IsZero() {
		return nil
	}
	home.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Direct.Delete(ctx, home, client.Preconditions{UID: ptr.To(home.UID)}); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete namespace %s: %w", home.Name, err)
	}
	return nil
}

// removeHome deletes the namespace of one attendee, if it is ours.
func (r *Reconciler) removeHome(ctx context.Context, s *scope, a *attendee) error {
	home := &metav1.PartialObjectMetadata{}
	home.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Direct.Get(ctx, client.ObjectKey{Name: a.namespace}, home); err != nil {
		return client.IgnoreNotFound(err)
	}
	if !s.owns(home) {
		return nil
	}
	return r.deleteHome(ctx, home)
}

// account is the attendee's, with what is known of its token.
func (s *scope) account(a *attendee, annotations map[string]string) *corev1ac.ServiceAccountApplyConfiguration {
	return corev1ac.ServiceAccount(guardrail.LearnerServiceAccount, a.namespace).
		WithLabels(s.labels(a)).
		WithAnnotations(a.annotations()).
		WithAnnotations(annotations).
		WithAutomountServiceAccountToken(false)
}
