package chaos

import (
	"context"
	"sync/atomic"
	"testing"
)

// removalsInOneLife is how many writes of a life find that the namespace was deleted right before.
const removalsInOneLife = 10

// TestNamespaceIsDeleted has somebody delete the lab's namespace where a step has come to its end. The learner then
// does again what was lost.
func TestNamespaceIsDeleted(t *testing.T) {
	t.Parallel()
	h := enter(t)
	var deleted atomic.Int32
	_, err := h.play(t, "removed", fate{meddle: func(ctx context.Context, l *life) (census, error) {
		return l.loseNamespace(ctx, &deleted)
	}})
	if err != nil {
		t.Fatal(err)
	}
	// There is none in the step in which the learner wants none.
	if want := int32(len(steps()) - 1); deleted.Load() != want {
		t.Errorf("deleted after %d steps, want %d", deleted.Load(), want)
	}
	count(t, "namespace deleted: after %d of %d steps, and in one there is none", deleted.Load(), len(steps()))
}

// TestNamespaceIsDeletedBeforeWrites has somebody delete it right before every write of the operator, which finds that it
// is going away or that there is none.
func TestNamespaceIsDeletedBeforeWrites(t *testing.T) {
	t.Parallel()
	h := enter(t)
	h.campaigns(t, "namespace deleted before writes", []mishap{removed, vanished}, removalsInOneLife)
}

// loseNamespace deletes the namespace with all that is in it, which then is made and deleted once more.
func (l *life) loseNamespace(ctx context.Context, deleted *atomic.Int32) (census, error) {
	objects, err := l.objects(ctx)
	if err != nil || !l.remove(ctx) {
		return nil, err
	}
	deleted.Add(1)
	extra := census{"namespaces " + neutral(l.namespace, l.lab): {1, 1}}
	for name := range objects {
		extra[name] = made{1, 1}
	}
	return extra, nil
}
