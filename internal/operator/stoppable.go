package operator

import (
	"context"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// stoppable is a manager that stops while its caches fill as well. A manager of controller-runtime waits for them then for
// ever, with one core busy: https://github.com/kubernetes-sigs/controller-runtime/pull/3440.
type stoppable struct {
	manager.Manager
	told chan struct{} // closed when the manager is told to stop
}

// Start is that of the manager.
func (m stoppable) Start(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { close(m.told) })()
	return m.Manager.Start(ctx)
}

// stoppableCache is a cache that nobody waits for any longer when the manager is told to stop.
type stoppableCache struct {
	cache.Cache
	told <-chan struct{}
}

// newStoppableCache makes the cache of a manager that closes a channel when it is told to stop.
func newStoppableCache(told <-chan struct{}) cache.NewCacheFunc {
	return func(cluster *rest.Config, options cache.Options) (cache.Cache, error) {
		filled, err := cache.New(cluster, options)
		return stoppableCache{filled, told}, err
	}
}

// WaitForCacheSync is true as well when the manager was told to stop: what waits for it is started then, and stopped at once.
func (c stoppableCache) WaitForCacheSync(ctx context.Context) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.told:
			cancel()
		case <-ctx.Done():
		}
	}()
	if c.Cache.WaitForCacheSync(ctx) {
		return true
	}
	select {
	case <-c.told:
		return true
	default:
		return false
	}
}
