package performance

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/test/world"
)

// fill provisions the Labs of a room while they are created, with so many hands.
func (b *bare) fill(ctx context.Context, r *room, hands int) (time.Duration, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	workers := hire(ctx, fail, hands, r.size)
	defer workers.dismiss()
	return r.fill(ctx, func(lab *v1alpha1.Lab) {
		workers.jobs <- func(ctx context.Context) error { return b.provision(ctx, lab) }
	})
}

// clear takes down the Labs of a room while they are deleted, with so many hands. Only a watch tells when a namespace
// has gone.
func (b *bare) clear(ctx context.Context, r *room, hands int) (time.Duration, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	labs, err := b.inhabitants(ctx, r)
	if err != nil {
		return 0, err
	}
	namespaces, err := watchedBy(ctx, b.operator.Resource(namespaceResource), v1alpha1.LabNamespaceLabel+"="+r.namespace)
	if err != nil {
		return 0, err
	}
	workers := hire(ctx, fail, hands, 2*r.size)
	var watching sync.WaitGroup
	watching.Go(func() {
		err := namespaces.await(ctx, r.size, func(change watch.EventType, object client.Object) bool {
			if change != watch.Deleted {
				return false
			}
			workers.jobs <- func(ctx context.Context) error { return b.release(ctx, labs[object.GetName()]) }
			return true
		})
		if err != nil {
			fail(err)
		}
	})
	defer workers.dismiss()
	defer watching.Wait()
	took, err := r.clear(ctx, func(lab *v1alpha1.Lab) {
		workers.jobs <- func(ctx context.Context) error {
			name := guardrail.NamespaceName(lab.Namespace, lab.Name)
			if err := b.operator.Resource(namespaceResource).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
				return fmt.Errorf("delete namespace %s: %w", name, err)
			}
			return nil
		}
	})
	if err != nil {
		fail(err)
	}
	return took, err
}

// release lets a Lab go whose namespace has gone.
func (b *bare) release(ctx context.Context, lab *v1alpha1.Lab) error {
	err := b.operator.Resource(revisionResource).Namespace(world.OperatorNamespace).
		DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: v1alpha1.LabUIDLabel + "=" + string(lab.UID)})
	if err != nil {
		return fmt.Errorf("delete the revisions of lab %s: %w", lab.Name, err)
	}
	_, err = b.patch(ctx, lab, map[string]any{"metadata": map[string]any{"finalizers": nil}})
	return err
}

// inhabitants are the Labs of a room by the namespaces in which learners work.
func (b *bare) inhabitants(ctx context.Context, r *room) (map[string]*v1alpha1.Lab, error) {
	labs := &v1alpha1.LabList{}
	if err := r.admin.List(ctx, labs, client.InNamespace(r.namespace)); err != nil {
		return nil, fmt.Errorf("list the labs: %w", err)
	}
	by := make(map[string]*v1alpha1.Lab, len(labs.Items))
	for i := range labs.Items {
		lab := &labs.Items[i]
		by[guardrail.NamespaceName(lab.Namespace, lab.Name)] = lab
	}
	return by, nil
}
