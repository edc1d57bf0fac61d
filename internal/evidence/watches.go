package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/clock"

	"github.com/lab-operator/lab-operator/internal/check"
)

// defaultIdleAfter is how long a kind that no lab wants is still watched.
const defaultIdleAfter = 10 * time.Minute

// Config is what Watches need.
type Config struct {
	// Client reads objects of any kind. It needs the verbs list and watch on them in all namespaces.
	Client dynamic.Interface
	// Mapper finds the resources of kinds. One that can be reset is, when a kind is not there.
	Mapper meta.RESTMapper
	// Namespaces returns the informer of the namespaces that bear our label.
	Namespaces func(context.Context) (NamespaceInformer, error)
	// Notify is told that something changed for a lab. It is called from many goroutines and must not block.
	Notify func(lab types.NamespacedName)
	// Clock measures idle time and waits. Nil is the real one.
	Clock clock.WithTicker
	// IdleAfter is how long a kind that no lab wants is still watched. Zero is ten minutes.
	IdleAfter time.Duration
	// Log is told of kinds that start and stop, and of what cannot be read.
	Log logr.Logger
}

// Watches is the store on the namespaces of labs. Its methods can be called from any goroutine, and none but Start
// waits for anything.
type Watches struct {
	cfg    Config
	kinds  *resolver
	budget *budget
	// rethink has room for one: some kind became idle.
	rethink chan struct{}

	// mu guards what follows. It is taken before the lock of a store, never after.
	mu   sync.Mutex
	labs map[types.NamespacedName]interest
	// unclaimed are the namespaces that stood before the start and whose labs were not reconciled yet.
	unclaimed map[types.NamespacedName]Namespace
	watched   map[schema.GroupVersionKind]*kind
	started   bool
	// launch starts a kind. It is nil until the namespaces that stand are known, and after the end.
	launch func(*kind)
}

// Stats counts what is held, for tests and metrics.
type Stats struct {
	// Labs that are followed.
	Labs int
	// Kinds that are watched.
	Kinds int
	// Objects that are held.
	Objects int
}

// NewWatches returns watches that read nothing before Start.
func NewWatches(cfg Config) *Watches {
	if cfg.Clock == nil {
		cfg.Clock = clock.RealClock{}
	}
	if cfg.IdleAfter == 0 {
		cfg.IdleAfter = defaultIdleAfter
	}
	return &Watches{
		cfg:       cfg,
		budget:    newBudget(),
		kinds:     &resolver{mapper: cfg.Mapper, clock: cfg.Clock},
		rethink:   make(chan struct{}, 1),
		labs:      map[types.NamespacedName]interest{},
		unclaimed: map[types.NamespacedName]Namespace{},
		watched:   map[schema.GroupVersionKind]*kind{},
	}
}

// NeedLeaderElection is true: only the leader looks.
func (w *Watches) NeedLeaderElection() bool { return true }

// Start runs until the context ends, and returns when everything has stopped. It can be called once.
func (w *Watches) Start(ctx context.Context) error {
	w.mu.Lock()
	if w.started {
		w.mu.Unlock()
		return errors.New("the watches have been started already")
	}
	w.started = true
	w.mu.Unlock()

	namespaces, err := w.cfg.Namespaces(ctx)
	for err != nil && ctx.Err() == nil {
		w.cfg.Log.Info("cannot watch the namespaces of labs, trying again", "error", err.Error())
		sleep(ctx, w.cfg.Clock, resolveRetry)
		namespaces, err = w.cfg.Namespaces(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	handle, err := namespaces.AddEventHandler(w.namespaceHandler())
	if err != nil {
		return fmt.Errorf("watch the namespaces of labs: %w", err)
	}
	defer namespaces.RemoveEventHandler(handle) //nolint:errcheck // the informer has stopped, or stops with us
	// The namespaces that stand come before the kinds, so that the first list of each kind covers them.
	select {
	case <-ctx.Done():
	case <-handle.HasSyncedChecker().Done():
		w.watchKinds(ctx)
	}
	return nil
}

// watchKinds watches the kinds that are wanted until the context ends.
func (w *Watches) watchKinds(ctx context.Context) {
	var running sync.WaitGroup
	w.mu.Lock()
	w.launch = func(k *kind) {
		kindCtx, stop := context.WithCancel(ctx)
		k.stop = stop
		running.Go(func() {
			defer stop()
			k.run(kindCtx)
		})
	}
	for _, k := range w.watched {
		w.launch(k)
	}
	w.mu.Unlock()

	w.reap(ctx)

	w.mu.Lock()
	w.launch = nil
	w.mu.Unlock()
	running.Wait()
}

// want makes a kind visible in a namespace, which may be expected. The namespace is registered before the kind is started,
// so that the first list covers it. The caller holds the lock.
func (w *Watches) want(gvk schema.GroupVersionKind, at place, lab types.NamespacedName, expected bool) {
	k, ok := w.watched[gvk]
	if !ok {
		k = &kind{
			store:  newStore(gvk, w.cfg.Clock, w.cfg.Notify),
			client: w.cfg.Client,
			kinds:  w.kinds,
			clock:  w.cfg.Clock,
			log:    w.cfg.Log.WithValues("kind", gvk.String()),
		}
		k.store.budget = w.budget
		for _, namespace := range w.unclaimed {
			k.store.reserve(namespace.Name)
		}
		w.watched[gvk] = k
	}
	k.labs++
	k.store.register(at.namespace, lab, expected, at.whole)
	if !ok && w.launch != nil {
		w.launch(k)
	}
}

// release ends want. The kind itself goes on for a while. The caller holds the lock.
func (w *Watches) release(gvk schema.GroupVersionKind, namespaceStore string, lab types.NamespacedName) {
	k := w.watched[gvk]
	k.store.unregister(namespaceStore, lab)
	k.labs--
	if k.labs > 0 {
		return
	}
	k.idleSince = w.cfg.Clock.Now()
	select {
	case w.rethink <- struct{}{}:
	default:
	}
}

// reap stops kinds that have been idle for long, until the context ends.
func (w *Watches) reap(ctx context.Context) {
	for ctx.Err() == nil {
		next, some := w.stopIdle()
		if !some {
			select {
			case <-ctx.Done():
			case <-w.rethink:
			}
			continue
		}
		timer := w.cfg.Clock.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-w.rethink:
		case <-timer.C():
		}
		timer.Stop()
	}
}

// stopIdle stops the kinds whose time is over, and returns when the next one's will be, if any is idle.
func (w *Watches) stopIdle() (next time.Duration, some bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for gvk, k := range w.watched {
		if k.labs > 0 {
			continue
		}
		left := w.cfg.IdleAfter - w.cfg.Clock.Since(k.idleSince)
		if left <= 0 {
			k.stop()
			delete(w.watched, gvk)
			continue
		}
		if !some || left < next {
			next, some = left, true
		}
	}
	return next, some
}

// Snapshot is what is known now of the sources of a lab. Its values are shared with others: never change them.
func (w *Watches) Snapshot(lab types.NamespacedName) check.Snapshot {
	w.mu.Lock()
	f := w.labs[lab]
	kinds := make([]*kind, len(f.sources))
	for i, source := range f.sources {
		kinds[i] = w.watched[source.GVK]
	}
	w.mu.Unlock()

	snapshot := make(check.Snapshot, len(f.sources))
	for i, source := range f.sources {
		if source.Name != "" {
			snapshot[source.Name] = kinds[i].store.observe(source, namespaceFor(source.GVK, f.namespace.Name))
		}
	}
	return snapshot
}

// Objects are all objects of a kind in the namespace of a lab, by name, if the lab follows the kind. Synced says
// that they are all there are. They are shared with others: never change them. Of an object that is too large to
// inspect only the identity and the labels are there, and of a kind that only brief sources name no more than those need.
func (w *Watches) Objects(lab types.NamespacedName, gvk schema.GroupVersionKind) (objs []*unstructured.Unstructured, synced bool) {
	w.mu.Lock()
	f := w.labs[lab]
	k := w.watched[gvk]
	w.mu.Unlock()
	if k == nil || !slices.ContainsFunc(f.sources, func(s Source) bool { return s.GVK == gvk }) {
		return nil, false
	}
	return k.store.all(namespaceFor(gvk, f.namespace.Name))
}

// Stats counts what is held now.
func (w *Watches) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	stats := Stats{Labs: len(w.labs), Kinds: len(w.watched)}
	for _, k := range w.watched {
		stats.Objects += k.store.count()
	}
	return stats
}
