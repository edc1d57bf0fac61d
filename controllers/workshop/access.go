package workshop

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	rbacv1ac "k8s.io/client-go/applyconfigurations/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

const (
	// registrarRole is what the operator binds to itself to keep the attendee's account.
	registrarRole = "lab-operator-registrar"
	// learnerRole lets an attendee read and answer Labs in the own namespace.
	learnerRole = "lab-operator-learner-labs"
)

// attendeeRoles are those that are bound in an attendee's namespace.
var attendeeRoles = []string{registrarRole, learnerRole}

// subjects are whom the rights in an attendee's namespace are given to, by the name of the role.
func (r *Reconciler) subjects(a *attendee) map[string]rbacv1.Subject {
	return map[string]rbacv1.Subject{
		registrarRole: {Kind: rbacv1.ServiceAccountKind, Namespace: r.OperatorNamespace, Name: r.OperatorAccount},
		learnerRole:   {Kind: rbacv1.ServiceAccountKind, Namespace: a.namespace, Name: guardrail.LearnerServiceAccount},
	}
}

// bound tells whether a binding gives a right to whom it is meant for, and to nobody else.
func bound(binding *rbacv1.RoleBinding, subjects map[string]rbacv1.Subject) bool {
	return binding.DeletionTimestamp.IsZero() && binding.RoleRef.Name == binding.Name &&
		len(binding.Subjects) == 1 && binding.Subjects[0] == subjects[binding.Name]
}

// bind gives the operator the rights to keep the account, and the attendee those on the Labs.
func (r *Reconciler) bind(ctx context.Context, s *scope, a *attendee) error {
	subjects := r.subjects(a)
	for _, role := range attendeeRoles {
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

// revokeAccess makes every token of an attendee worthless at once, and removes the kubeconfig.
func (r *Reconciler) revokeAccess(ctx context.Context, s *scope, a *attendee) error {
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

// account is the attendee's, with what is known of its token.
func (s *scope) account(a *attendee, annotations map[string]string) *corev1ac.ServiceAccountApplyConfiguration {
	return corev1ac.ServiceAccount(guardrail.LearnerServiceAccount, a.namespace).
		WithLabels(s.labels(a)).
		WithAnnotations(a.annotations()).
		WithAnnotations(annotations).
		WithAutomountServiceAccountToken(false)
}
