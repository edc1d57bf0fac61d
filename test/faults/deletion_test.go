package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// deleteLab deletes the Lab and waits until nothing is left of it.
func (r *scenarioRun) deleteLab(ctx context.Context) error {
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: r.lab, Namespace: metav1.NamespaceDefault}}
	if err := r.admin.Delete(ctx, lab); err != nil {
		return fmt.Errorf("delete the lab: %w", err)
	}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		err := r.admin.Get(ctx, client.ObjectKeyFromObject(lab), &v1beta1.Lab{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("wait until the lab is gone: %w", err)
	}
	return r.checkNothingLeft(ctx)
}

// checkNothingLeft is called when the Lab is gone: nobody removes what it left by then.
func (r *scenarioRun) checkNothingLeft(ctx context.Context) error {
	var left []string
	namespaces := &corev1.NamespaceList{}
	if err := r.admin.List(ctx, namespaces, client.MatchingLabels{v1beta1.LabUIDLabel: r.uid}); err != nil {
		return fmt.Errorf("find what is left: %w", err)
	}
	for _, namespace := range namespaces.Items {
		left = append(left, "namespace "+namespace.Name)
	}
	contents, err := r.contents(ctx)
	if err != nil {
		return err
	}
	if left = append(left, contents...); len(left) > 0 {
		return fmt.Errorf("the lab left %s", strings.Join(left, ", "))
	}
	return nil
}

// cleanUp removes what a failed run left, so that it does not disturb the next one.
func (r *scenarioRun) cleanUp(ctx context.Context) error {
	r.env.ignore(r.lab, r.namespace)
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: r.lab, Namespace: metav1.NamespaceDefault}}
	err := r.patchLab(ctx, `{"metadata":{"finalizers":null}}`)
	err = errors.Join(client.IgnoreNotFound(err), client.IgnoreNotFound(r.admin.Delete(ctx, lab)))
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.namespace}}
	return errors.Join(err, client.IgnoreNotFound(r.admin.Delete(ctx, namespace)))
}
