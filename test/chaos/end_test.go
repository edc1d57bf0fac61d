package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/world"
)

// delete deletes the Lab and waits until nothing is left of it.
func (l *life) delete(ctx context.Context) error {
	lab := &v1alpha1.Lab{ObjectMeta: metav1.ObjectMeta{Name: l.lab, Namespace: metav1.NamespaceDefault}}
	if err := l.admin.Delete(ctx, lab); err != nil {
		return fmt.Errorf("delete the lab: %w", err)
	}
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		err := l.admin.Get(ctx, client.ObjectKeyFromObject(lab), &v1alpha1.Lab{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("wait until the lab is gone: %w", err)
	}
	return l.nothingLeft(ctx)
}

// nothingLeft is asked when the Lab is gone: what it left by then nobody will remove.
func (l *life) nothingLeft(ctx context.Context) error {
	var left []string
	for _, list := range []client.ObjectList{&corev1.NamespaceList{}, &appsv1.ControllerRevisionList{}} {
		if err := l.admin.List(ctx, list, client.MatchingLabels{v1alpha1.LabUIDLabel: l.uid}); err != nil {
			return fmt.Errorf("look for what is left: %w", err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			left = append(left, fmt.Sprintf("%T %s", item, item.(client.Object).GetName()))
			return nil
		})
		if err != nil {
			return fmt.Errorf("name what is left: %w", err)
		}
	}
	contents, err := l.contents(ctx)
	if err != nil {
		return err
	}
	if left = append(left, contents...); len(left) > 0 {
		return fmt.Errorf("the lab left %s", strings.Join(left, ", "))
	}
	return nil
}

// clear removes what a life left that went wrong, so that the next one is not disturbed by it.
func (l *life) clear(ctx context.Context) error {
	l.stage.forgive(l.lab, l.namespace)
	lab := &v1alpha1.Lab{ObjectMeta: metav1.ObjectMeta{Name: l.lab, Namespace: metav1.NamespaceDefault}}
	err := l.patch(ctx, `{"metadata":{"finalizers":null}}`)
	err = errors.Join(client.IgnoreNotFound(err), client.IgnoreNotFound(l.admin.Delete(ctx, lab)))
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: l.namespace}}
	err = errors.Join(err, client.IgnoreNotFound(l.admin.Delete(ctx, namespace)))
	revisions := l.admin.DeleteAllOf(ctx, &appsv1.ControllerRevision{}, client.InNamespace(world.OperatorNamespace), client.MatchingLabels{v1alpha1.LabUIDLabel: l.uid})
	return errors.Join(err, revisions)
}
