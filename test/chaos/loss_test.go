package chaos

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// remove deletes the namespace as somebody would who has nothing to do with the operator, and tells whether there was
// one. What is going away is left to go.
func (l *life) remove(ctx context.Context) bool {
	namespace := &corev1.Namespace{}
	if err := l.admin.Get(ctx, client.ObjectKey{Name: l.namespace}, namespace); err != nil || namespace.DeletionTimestamp != nil {
		return false
	}
	if err := l.admin.Delete(ctx, namespace, client.Preconditions{UID: ptr.To(namespace.UID)}); err != nil {
		return false
	}
	l.lost.Add(1)
	return true
}

// loseAll deletes the namespace at a time at which nobody can tell what was in it, and waits until it is gone if it has
// to be.
func (l *life) loseAll(ctx context.Context, gone bool) {
	before, err := l.uidOfNamespace(ctx)
	if err != nil || !l.remove(ctx) {
		return
	}
	l.unsure.Add(1)
	for gone && ctx.Err() == nil {
		namespace := &corev1.Namespace{}
		err := l.admin.Get(ctx, client.ObjectKey{Name: l.namespace}, namespace)
		gone = err == nil && string(namespace.UID) == before
	}
}

// redo has the learner do again in a new namespace what went with an old one.
func (l *life) redo(ctx context.Context) error {
	if l.lost.Load() == 0 || len(l.work) == 0 {
		return nil
	}
	lab := &v1alpha1.Lab{}
	if err := l.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: l.lab}, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	uid, err := l.uidOfNamespace(ctx)
	if err != nil || lab.Status.Environment == nil || lab.Status.Environment.NamespaceUID != uid || l.workedIn == uid {
		return err
	}
	for _, act := range l.work {
		if err := act(ctx, l); err != nil && !l.excuses(err) {
			return fmt.Errorf("do it again: %w", err)
		}
	}
	l.workedIn = uid
	return nil
}

// excuses tells whether a learner fails because somebody deletes the namespace at the same time.
func (l *life) excuses(err error) bool {
	return l.lost.Load() > 0 && (apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause))
}
