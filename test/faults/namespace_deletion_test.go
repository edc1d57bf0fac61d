package faults

import (
	"context"
	"sync/atomic"
	"testing"
)

// deletionsPerRun is how many writes of a run find that the namespace was deleted right before.
const deletionsPerRun = 10

// TestNamespaceDeleted has somebody delete the lab's namespace at the end of each step. The learner
// then repeats the work that was lost.
func TestNamespaceDeleted(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	var deleted atomic.Int32
	_, err := p.runScenario(t, "namespace-deleted", faultPlan{external: func(ctx context.Context, r *scenarioRun) (objectCounts, error) {
		return r.deleteNamespaceCounted(ctx, &deleted)
	}})
	if err != nil {
		t.Fatal(err)
	}
	// There is none in the step after which the environment is absent.
	if want := int32(len(steps()) - 1); deleted.Load() != want {
		t.Errorf("deleted after %d steps, want %d", deleted.Load(), want)
	}
	report(t, "namespace deleted: after %d of %d steps, and in one there is none", deleted.Load(), len(steps()))
}

// TestNamespaceDeletedBeforeWrites has somebody delete it right before every write of the operator,
// which finds that the namespace is terminating or gone.
func TestNamespaceDeletedBeforeWrites(t *testing.T) {
	t.Parallel()
	p := usePool(t)
	p.sweepAll(t, "namespace deleted before writes", []fault{namespaceDeleting, namespaceDeleted}, deletionsPerRun)
}

// deleteNamespaceCounted deletes the namespace with its contents, which the operator creates and
// deletes once more.
func (r *scenarioRun) deleteNamespaceCounted(ctx context.Context, deleted *atomic.Int32) (objectCounts, error) {
	objects, err := r.objects(ctx)
	if err != nil || !r.deleteNamespace(ctx) {
		return nil, err
	}
	deleted.Add(1)
	extra := objectCounts{"namespaces " + normalizeNames(r.namespace, r.lab): {1, 1}}
	for name := range objects {
		extra[name] = objectCount{1, 1}
	}
	return extra, nil
}
