package performance

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// provisionFleet provisions the Labs of a fleet while they are created, with a number of workers.
func (b *baselineClient) provisionFleet(ctx context.Context, f *fleet, workers int) (time.Duration, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	pool := startWorkers(ctx, fail, workers, f.size)
	defer pool.wait()
	return f.provision(ctx, func(lab *v1beta1.Lab) {
		pool.jobs <- func(ctx context.Context) error { return b.provision(ctx, lab) }
	})
}

// tearDownFleet tears down the Labs of a fleet while they are deleted, with a number of workers.
// Only a watch says when a namespace has gone.
func (b *baselineClient) tearDownFleet(ctx context.Context, f *fleet, workers int) (time.Duration, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	labs, err := b.labsByNamespace(ctx, f)
	if err != nil {
		return 0, err
	}
	namespaces, err := watchedBy(ctx, b.operator.Resource(namespaceResource), v1beta1.LabNamespaceLabel+"="+f.namespace)
	if err != nil {
		return 0, err
	}
	pool := startWorkers(ctx, fail, workers, 2*f.size)
	var watching sync.WaitGroup
	watching.Go(func() {
		err := namespaces.await(ctx, f.size, func(change watch.EventType, object client.Object) bool {
			if change != watch.Deleted {
				return false
			}
			pool.jobs <- func(ctx context.Context) error { return b.release(ctx, labs[object.GetName()]) }
			return true
		})
		if err != nil {
			fail(err)
		}
	})
	defer pool.wait()
	defer watching.Wait()
	took, err := f.tearDown(ctx, func(lab *v1beta1.Lab) {
		pool.jobs <- func(ctx context.Context) error {
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

// release removes the finalizer of a Lab whose namespace has gone.
func (b *baselineClient) release(ctx context.Context, lab *v1beta1.Lab) error {
	_, err := b.patch(ctx, lab, map[string]any{"metadata": map[string]any{"finalizers": nil}})
	return err
}

// labsByNamespace returns the Labs of a fleet by the namespaces in which learners work.
func (b *baselineClient) labsByNamespace(ctx context.Context, f *fleet) (map[string]*v1beta1.Lab, error) {
	labs := &v1beta1.LabList{}
	if err := f.admin.List(ctx, labs, client.InNamespace(f.namespace)); err != nil {
		return nil, fmt.Errorf("list the labs: %w", err)
	}
	by := make(map[string]*v1beta1.Lab, len(labs.Items))
	for i := range labs.Items {
		lab := &labs.Items[i]
		by[guardrail.NamespaceName(lab.Namespace, lab.Name)] = lab
	}
	return by, nil
}
