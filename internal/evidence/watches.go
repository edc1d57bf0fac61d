package evidence

import (
	"context"
	"errors"
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
	// Notify is told that something changed for a lab. It is called from many goroutines and must not block.
	Notify func(lab types.NamespacedName)
	// Clock measures idle time and waits. Nil is the real one.
	Clock clock.WithTicker
	// IdleAfter is how long a kind that no lab wants is still watched. Zero is ten minutes.
	IdleAfter time.Duration
	// Log is told of kinds that start and stop, and of what cannot be read.
	Log logr.Logger
}

// Watches is the view on the namespaces of labs. Its methods can be called from any goroutine, and none but Start
// waits for anything.
type Watches struct {
	cfg   Config
	kinds *resolver
	rooms *rooms
	// rethink has room for one: some kind became idle.
	rethink chan struct{}

	// mu guards what follows. It is taken before the lock of a view, never after.
	mu      sync.Mutex
	labs    map[types.NamespacedName]followed
	watched map[schema.GroupVersionKind]*kind
	// launch starts a kind. It is nil before Start and after its end.
	launch func(*kind)
}

// followed is what was asked for a lab.
type followed struct {
	namespace string
	sources   []Source
	awaited   bool // the namespace was not there yet
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
		cfg:     cfg,
		rooms:   newRooms(),
		kinds:   &resolver{mapper: cfg.Mapper, clock: cfg.Clock},
		rethink: make(chan struct{}, 1),
		labs:    map[types.NamespacedName]followed{},
		watched: map[schema.GroupVersionKind]*kind{},
	}
}

// NeedLeaderElection is true: only the leader looks.
func (w *Watches) NeedLeaderElection() bool { return true }

// Start runs until the context ends, and returns when everything has stopped. It can be called once.
func (w *Watches) Start(ctx context.Context) error {
	var running sync.WaitGroup
	w.mu.Lock()
	if w.launch != nil {
		w.mu.Unlock()
		return errors.New("the watches have been started already")
	}
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
	w.launch = func(*kind) {}
	w.mu.Unlock()
	running.Wait()
	return nil
}

// Follow makes the sources of a lab visible, and replaces what was followed for it before. To call it again with the
// same arguments costs next to nothing.
//
// A namespace that is followed while a kind is watched costs one list request of that kind, and is not known until that
// is answered: Await spares it where the namespace is not there yet. A namespace that turns out to be somebody else's has to
// be forgotten. Without a namespace it is Forget. The sources are kept: never change them afterwards.
func (w *Watches) Follow(lab types.NamespacedName, namespace string, sources []Source) {
	if namespace == "" {
		w.Forget(lab)
		return
	}
	w.follow(lab, namespace, sources, false)
	was, views := w.endWait(lab)
	for _, view := range views {
		view.stillborn(was)
	}
}

// Await is Follow for a namespace that the caller is about to create. Nothing of it is known until Created tells that it
// was, or Follow that it may have been there.
func (w *Watches) Await(lab types.NamespacedName, namespace string, sources []Source) {
	w.follow(lab, namespace, sources, true)
}

// Created tells that the namespace which was awaited for a lab did not exist and has just been created, as of the resource
// version that the API server gave it. It is known from now on. Where nothing was awaited it does nothing.
func (w *Watches) Created(lab types.NamespacedName, version string) {
	namespace, views := w.endWait(lab)
	for _, view := range views {
		view.born(namespace, version)
	}
}

// endWait ends Await, and returns the views that wait for the namespace.
func (w *Watches) endWait(lab types.NamespacedName) (namespace string, views []*view) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.labs[lab]
	if !f.awaited {
		return "", nil
	}
	f.awaited = false
	w.labs[lab] = f
	for gvk, at := range f.spaces() {
		if at.space == f.namespace {
			views = append(views, w.watched[gvk].view)
		}
	}
	return f.namespace, views
}

func (w *Watches) follow(lab types.NamespacedName, namespace string, sources []Source, unborn bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	prior, known := w.labs[lab]
	if known && prior.namespace == namespace && slices.EqualFunc(prior.sources, sources, Source.equal) {
		return
	}
	next := followed{namespace: namespace, sources: sources}
	next.awaited = unborn || prior.awaited && prior.namespace == namespace
	w.labs[lab] = next
	wanted, had := next.spaces(), prior.spaces()
	for gvk, at := range had {
		if keep, ok := wanted[gvk]; !ok || keep != at {
			w.release(gvk, at.space, lab)
		}
	}
	for gvk, at := range wanted {
		if held, ok := had[gvk]; !ok || held != at {
			w.want(gvk, at, lab, unborn && at.space == namespace)
		}
	}
}

// Forget ends Follow, and drops what is held for the lab alone.
func (w *Watches) Forget(lab types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for gvk, at := range w.labs[lab].spaces() {
		w.release(gvk, at.space, lab)
	}
	delete(w.labs, lab)
}

// place is where a kind is wanted, and whether its objects are wanted whole.
type place struct {
	space string
	whole bool
}

// spaces tells for each kind that is wanted in which namespace.
func (f followed) spaces() map[schema.GroupVersionKind]place {
	spaces := make(map[schema.GroupVersionKind]place, len(f.sources))
	for _, source := range f.sources {
		spaces[source.GVK] = place{spaceOf(source.GVK, f.namespace), spaces[source.GVK].whole || !source.Brief}
	}
	return spaces
}

// want makes a kind visible in a namespace, which may be unborn. The namespace is registered before the kind is started, so that the
// first list tells it all. The caller holds the lock.
func (w *Watches) want(gvk schema.GroupVersionKind, at place, lab types.NamespacedName, unborn bool) {
	k, ok := w.watched[gvk]
	if !ok {
		k = &kind{
			view:   newView(gvk, w.cfg.Clock, w.cfg.Notify),
			client: w.cfg.Client,
			kinds:  w.kinds,
			clock:  w.cfg.Clock,
			log:    w.cfg.Log.WithValues("kind", gvk.String()),
		}
		k.view.rooms = w.rooms
		w.watched[gvk] = k
	}
	k.labs++
	k.view.admit(at.space, lab, unborn, at.whole)
	if !ok && w.launch != nil {
		w.launch(k)
	}
}

// release ends want. The kind itself goes on for a while. The caller holds the lock.
func (w *Watches) release(gvk schema.GroupVersionKind, space string, lab types.NamespacedName) {
	k := w.watched[gvk]
	k.view.unregister(space, lab)
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
			snapshot[source.Name] = kinds[i].view.observe(source, spaceOf(source.GVK, f.namespace))
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
	return k.view.all(spaceOf(gvk, f.namespace))
}

// Stats counts what is held now.
func (w *Watches) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	stats := Stats{Labs: len(w.labs), Kinds: len(w.watched)}
	for _, k := range w.watched {
		stats.Objects += k.view.held()
	}
	return stats
}
