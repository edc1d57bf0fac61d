package evidence

import (
	"context"
	"sync"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/lab-operator/lab-operator/internal/kube"
)

const (
	// recheckAfter is how often a kind that the cluster does not serve is looked for.
	recheckAfter = 10 * time.Second
	// resolveRetry is the wait after the cluster could not be asked what it serves.
	resolveRetry = time.Second
	// readRetry and readRetryMax bound the wait after a list or watch that ended; after readRetryReset it is short
	// again.
	readRetry      = 500 * time.Millisecond
	readRetryMax   = 10 * time.Second
	readRetryReset = 2 * time.Minute
)

// kind is one kind that is watched, from the time a lab wants it until none has for long.
type kind struct {
	store  *store
	client dynamic.Interface
	kinds  *resolver
	clock  clock.WithTicker
	log    logr.Logger

	// labs is how many labs want it, and idleSince since when none does. The Watches guard them.
	labs      int
	idleSince time.Time
	// stop ends it, once it was started.
	stop context.CancelFunc
	// unasked says that the cluster could not be asked what it serves, so that only the first time is news.
	unasked bool
}

// run watches until the context ends, and looks from time to time for a kind that is not there.
func (k *kind) run(ctx context.Context) {
	k.log.V(1).Info("watching a kind")
	defer k.log.V(1).Info("no longer watching a kind")
	for missed := false; ctx.Err() == nil; {
		pause := k.once(ctx, missed)
		missed = pause == recheckAfter
		sleep(ctx, k.clock, pause)
	}
}

// once watches until the context ends or it is clear that the kind can't be watched. It returns how long to wait
// before the next try. Missed says that the last try ended so.
func (k *kind) once(ctx context.Context, missed bool) time.Duration {
	mapping, err := k.kinds.resolve(k.store.gvk)
	unasked := k.unasked
	k.unasked = err != nil && !meta.IsNoMatchError(err)
	switch {
	case meta.IsNoMatchError(err):
		k.store.unavailable()
		return recheckAfter
	case err != nil:
		if !unasked {
			k.log.Info("cannot ask the cluster what it serves, trying again", "error", err.Error())
		}
		return resolveRetry
	case mapping.Scope.Name() == meta.RESTScopeNameRoot && !kube.IsSharedKind(k.store.gvk.GroupKind()):
		k.store.failed(foreignScopeDetail(k.store.gvk))
		return recheckAfter
	}
	client := k.client.Resource(mapping.Resource)
	if missed && !serves(ctx, client) {
		// The mapper still knows what is gone.
		k.kinds.refresh()
		k.store.unavailable()
		return recheckAfter
	}
	k.reflect(ctx, client, mapping.Resource.GroupResource())
	if ctx.Err() == nil {
		k.store.unavailable()
	}
	return recheckAfter
}

// reflect runs a reflector until the context ends or the kind is lost.
func (k *kind) reflect(ctx context.Context, client dynamic.NamespaceableResourceInterface, resource schema.GroupResource) {
	ctx, lost := context.WithCancel(ctx)
	defer lost()
	f := &reflectorStore{store: k.store, resource: resource, client: client, log: k.log, lost: lost}
	expected := &unstructured.Unstructured{}
	expected.SetGroupVersionKind(k.store.gvk)
	backoff := wait.Backoff{
		Duration: readRetry, Cap: readRetryMax, Factor: 2, Jitter: 0.2,
		Steps: 16, // more than it takes to reach the cap
	}
	reflector := cache.NewReflectorWithOptions(f.listWatch(k.client), expected, f, cache.ReflectorOptions{
		Name:    k.store.gvk.String(),
		Clock:   endingClock{k.clock, ctx.Done()},
		Backoff: &backoff,
	})
	var both sync.WaitGroup
	both.Go(func() { k.store.backfill(ctx, client, k.clock, k.log) })
	both.Go(func() {
		// This is the reflector's own loop, but for errors: the reflectorStore has seen them all, and logs what is news.
		delay := backoff.DelayWithReset(k.clock, readRetryReset)
		logged := klog.NewContext(ctx, k.log)
		for ctx.Err() == nil {
			_ = reflector.ListAndWatchWithContext(logged)
			sleep(ctx, k.clock, delay())
		}
	})
	both.Wait()
}

// serves reports whether the API server has the resource. Any doubt is a yes.
func serves(ctx context.Context, client dynamic.NamespaceableResourceInterface) bool {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	_, err := client.List(ctx, metav1.ListOptions{Limit: 1})
	return !apierrors.IsNotFound(err)
}

// namespaceFor is the namespace in which a lab sees a kind.
func namespaceFor(gvk schema.GroupVersionKind, namespace string) string {
	if kube.IsSharedKind(gvk.GroupKind()) {
		return ""
	}
	return namespace
}

// sleep waits, or less when the context ends.
func sleep(ctx context.Context, clock clock.Clock, d time.Duration) {
	timer := clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	}
}

// endingClock is a clock whose waits end with a context. The reflector waits for some retries without looking at
// its own.
type endingClock struct {
	clock.WithTicker
	done <-chan struct{}
}

// After returns a channel that fires after a time, or when the context ends.
func (c endingClock) After(d time.Duration) <-chan time.Time {
	fired := make(chan time.Time, 1)
	timer := c.NewTimer(d)
	go func() {
		defer timer.Stop()
		select {
		case <-c.done:
		case <-timer.C():
		}
		fired <- c.Now()
	}()
	return fired
}
