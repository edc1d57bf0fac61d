package evidence

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
)

// reflectorStore is one run of a kind's reflector: the requests that it makes and the store that it writes to. Seeing the
// requests is how we know which list a result belongs to, and why there is none.
type reflectorStore struct {
	store    *store
	resource schema.GroupResource
	client   dynamic.NamespaceableResourceInterface
	log      logr.Logger
	// lost is called when the cluster does not serve the kind any more.
	lost context.CancelFunc
	// began is the epoch of the latest cluster-wide list.
	began atomic.Uint64
	// failing says that the latest request failed, so that only the first failure is news.
	failing atomic.Bool
}

var _ cache.TransformingStore = (*reflectorStore)(nil)

// listWatch is what the reflector reads by. A client that cannot stream lists says so through its type.
func (f *reflectorStore) listWatch(client dynamic.Interface) cache.ListerWatcher {
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc:  f.list,
		WatchFuncWithContext: f.watch,
	}, client)
}

func (f *reflectorStore) list(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // the reflector lists beside itself, and may have ended meanwhile
	}
	if options.Continue == "" {
		f.began.Store(f.store.begin())
	}
	list, err := f.client.List(ctx, options)
	if err != nil {
		f.observe(ctx, err)
		return nil, err
	}
	return list, nil
}

func (f *reflectorStore) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	if options.SendInitialEvents != nil && *options.SendInitialEvents {
		f.began.Store(f.store.begin())
	}
	w, err := f.client.Watch(ctx, options)
	if err != nil {
		f.observe(ctx, err)
		return nil, err
	}
	f.failing.Store(false)
	f.store.served()
	return w, nil
}

// observe sorts the errors of requests. The reflector tries again by itself, whatever they are.
func (f *reflectorStore) observe(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	switch {
	case apierrors.IsNotFound(err):
		f.lost()
	case apierrors.IsForbidden(err):
		f.store.refused(refusedDetail(f.resource))
	case apierrors.IsMethodNotSupported(err):
		f.store.failed(unwatchableDetail(f.store.gvk))
	}
	if !f.failing.Swap(true) {
		f.log.Info("cannot read a kind, trying again", "error", err.Error())
	}
}

// Add takes an object that is new to the reflector.
func (f *reflectorStore) Add(obj any) error { return f.Update(obj) }

// Update takes an object that changed.
func (f *reflectorStore) Update(obj any) error {
	o, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("unexpected type %T", obj)
	}
	f.store.put(o)
	return nil
}

// Delete takes the last state of an object.
func (f *reflectorStore) Delete(obj any) error {
	o, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("unexpected type %T", obj)
	}
	f.store.drop(o)
	return nil
}

// Replace takes the result of a cluster-wide list.
func (f *reflectorStore) Replace(items []any, version string) error {
	f.store.replace(items, version, f.began.Load())
	return nil
}

// Resync has no meaning here.
func (f *reflectorStore) Resync() error { return nil }

// Transformer is applied to the objects of a streamed list while it arrives, so that what is foreign needs no
// memory, nor what is not looked at. It may run more than once on an object.
func (f *reflectorStore) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		o, ok := obj.(*unstructured.Unstructured)
		if !ok {
			return nil, fmt.Errorf("unexpected type %T", obj)
		}
		if o == f.store.foreign {
			return o, nil
		}
		if part := f.store.part(o); part != nil {
			return part, nil
		}
		return f.store.foreign, nil
	}
}
