package evidence

import (
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/utils/clock"
)

// store holds the objects of one kind, of the namespaces of labs only.
//
// How it stays right while namespaces come at any time: events are dropped until their namespace is registered, so
// what a namespace held before is not known from them. A cluster-wide list that began after the registration tells
// all of it. A namespace that was registered later, while events were flowing, waits for a list of its own (see
// backfill), and is not known until then. Resource versions of one resource are comparable, so a list as of version
// L and the events since the registration, whatever their order, make one state: the list, overridden by every
// event after L. Events up to L are in the list already. Nothing is lost between: the list is asked for after the
// registration, and is at least as new as any event that was dropped before it. A namespace that did not exist when it
// was registered needs no list (see confirm).
type store struct {
	gvk    schema.GroupVersionKind
	clock  clock.PassiveClock
	notify func(types.NamespacedName)
	// wake has room for one: some namespace waits for a list of its own.
	wake chan struct{}
	// foreign stands for every object of the namespaces that are nobody's.
	foreign *unstructured.Unstructured
	// budget is shared by the stores of all kinds.
	budget *budget

	mu         sync.RWMutex
	namespaces map[string]*namespaceStore
	// epoch counts registrations and lists in the order in which they began.
	epoch uint64
	// listing says that a cluster-wide list has begun, or has to, and no events come.
	listing bool
	fault   fault
	// refusedSince is when reading was first forbidden, without a success since.
	refusedSince time.Time
}

// namespaceStore is what a store holds of one namespace. Cluster-scoped kinds have one namespaceStore, with an empty name.
type namespaceStore struct {
	namespace string
	// labs are those that see it, and whether they need its objects whole.
	labs map[types.NamespacedName]bool
	// objects by name. Each is shared with readers and never changed, only replaced.
	objects map[string]object
	// cost is about how many bytes of memory the objects take.
	cost int
	// crowded says that some object is there by its identity only, because the lab had no room for it.
	crowded bool
	// synced says that the objects are all there are.
	synced bool
	// asOf is the version up to which the list that filled the namespaceStore told all. No older one is taken.
	asOf string
	// unbroken is since when every event is seen. What came between two lists is not known.
	unbroken time.Time
	// gone holds, while not synced, the version at which an object was deleted, by name.
	gone map[string]string
	// since is the epoch of the registration, or of the latest reset.
	since uint64
	// expected says that the namespace was not there when it was registered, and is not confirmed yet.
	expected bool
	// fresh says that the namespace was not there when it was registered, so that even a list that began before then tells
	// all of it.
	fresh bool
	// confirmed says that asOf is the version at which the namespace was created, which is one of another resource.
	confirmed bool
	// reserved says that the namespace stood before the start, and that its lab has not said yet what it needs.
	reserved bool
}

func newStore(gvk schema.GroupVersionKind, clock clock.PassiveClock, notify func(types.NamespacedName)) *store {
	return &store{
		gvk:        gvk,
		clock:      clock,
		notify:     notify,
		wake:       make(chan struct{}, 1),
		foreign:    &unstructured.Unstructured{},
		budget:     newBudget(),
		namespaces: map[string]*namespaceStore{},
		listing:    true,
	}
}

// reset empties a namespaceStore, which then waits for a list: its own, or the cluster-wide one that begins next.
func (s *store) reset(ns *namespaceStore) {
	s.epoch++
	ns.since = s.epoch
	s.empty(ns)
	ns.gone = map[string]string{}
	ns.synced, ns.asOf = false, ""
	ns.expected, ns.fresh, ns.confirmed = false, false, false
	if !s.listing {
		s.wakeUp()
	}
}

// invalidate empties a namespaceStore that shows what is newer than what has come: no list that is as old may fill it.
func (s *store) invalidate(ns *namespaceStore) {
	known, confirmed := ns.asOf, ns.confirmed
	s.reset(ns)
	ns.asOf, ns.confirmed = known, confirmed
}

func (s *store) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// fill makes a namespaceStore synced with what a list tells at a time.
func (s *store) fill(ns *namespaceStore, objects map[string]object, version string, at time.Time) {
	s.collect(ns, objects)
	ns.asOf, ns.synced, ns.unbroken, ns.gone = version, true, at, nil
	ns.confirmed = false
}

// collect makes a list's objects those of a namespaceStore.
func (s *store) collect(ns *namespaceStore, objects map[string]object) {
	s.empty(ns)
	// In order, so that it is always the same ones that there is no room for.
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		s.keep(ns, objects[name])
	}
}

// put takes an object from an event.
func (s *store) put(o *unstructured.Unstructured) {
	if o = s.part(o); o == nil {
		return
	}
	next := prepare(o)
	s.notifyAll(s.change(o.GetNamespace(), next.GetResourceVersion(), func(ns *namespaceStore) bool {
		name := next.GetName()
		prior, ok := ns.objects[name]
		s.keep(ns, next)
		return !ok || differ(prior, next)
	}))
}

// drop takes a deletion from an event.
func (s *store) drop(o *unstructured.Unstructured) {
	version := o.GetResourceVersion()
	s.notifyAll(s.change(o.GetNamespace(), version, func(ns *namespaceStore) bool {
		name := o.GetName()
		_, ok := ns.objects[name]
		s.remove(ns, name)
		if !ns.synced {
			ns.gone[name] = version
		}
		return ok
	}))
}

// change applies an event to a namespaceStore unless the namespaceStore has it already, and returns the labs to tell.
func (s *store) change(namespace, version string, apply func(*namespaceStore) bool) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	ns, ok := s.namespaces[namespace]
	if !ok {
		return nil
	}
	if ns.synced && !newer(version, ns.asOf) {
		if ns.confirmed {
			s.invalidate(ns)
		}
		return nil
	}
	if changed := apply(ns); !changed || !ns.synced {
		return nil
	}
	return slices.Collect(maps.Keys(ns.labs))
}

// begin notes that a cluster-wide list is about to be asked for, and returns its epoch.
func (s *store) begin() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
	s.listing = true
	return s.epoch
}

// replace takes the result of the cluster-wide list that began at a epoch.
//
// A namespace that was registered after that epoch is not told in full. Nor is one that was listed by itself at a
// later version, as when the list came from an API server that lags behind: both wait for a list of their own.
func (s *store) replace(items []any, version string, began uint64) {
	found := s.sort(items)

	s.mu.Lock()
	s.listing = false
	var labs []types.NamespacedName
	for namespace, ns := range s.namespaces {
		objects := found[namespace]
		if objects == nil {
			objects = map[string]object{}
		}
		if ns.expected {
			s.collect(ns, objects)
			clear(ns.gone)
			continue
		}
		if ns.since > began && !ns.fresh || ns.asOf != "" && newer(ns.asOf, version) {
			s.invalidate(ns)
			continue
		}
		if !ns.synced || !maps.EqualFunc(ns.objects, objects, func(a, b object) bool { return !differ(a, b) }) {
			labs = slices.AppendSeq(labs, maps.Keys(ns.labs))
		}
		s.fill(ns, objects, version, s.clock.Now())
	}
	s.mu.Unlock()
	s.notifyAll(labs)
}

// sort keeps the objects of registered namespaces, by namespace and name.
func (s *store) sort(items []any) map[string]map[string]object {
	found := map[string]map[string]object{}
	for _, item := range items {
		o, ok := item.(*unstructured.Unstructured)
		if !ok || o == s.foreign {
			continue
		}
		if o = s.part(o); o == nil {
			continue
		}
		namespace := o.GetNamespace()
		if found[namespace] == nil {
			found[namespace] = map[string]object{}
		}
		found[namespace][o.GetName()] = prepare(o)
	}
	return found
}

// notifyAll notifies labs. No lock is held: the one who is told may read at once.
func (s *store) notifyAll(labs []types.NamespacedName) {
	for _, lab := range labs {
		s.notify(lab)
	}
}

// allLabs are all labs that see this kind. The caller holds the lock.
func (s *store) allLabs() []types.NamespacedName {
	var labs []types.NamespacedName
	for _, ns := range s.namespaces {
		labs = slices.AppendSeq(labs, maps.Keys(ns.labs))
	}
	return labs
}

func (s *store) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, ns := range s.namespaces {
		n += len(ns.objects)
	}
	return n
}

// newer reports whether version a is after b. Versions that are not numbers, which no API server of our days sends,
// can't be compared: what comes later then counts as newer.
func newer(a, b string) bool {
	c, err := resourceversion.CompareResourceVersion(a, b)
	return err != nil || c > 0
}
