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

// view holds the objects of one kind, of the namespaces of labs only.
//
// How it stays right while namespaces come at any time: events are dropped until their namespace is registered, so
// what a namespace held before is not known from them. A cluster-wide list that began after the registration tells
// all of it. A namespace that was registered later, while events were flowing, waits for a list of its own (see
// backfill), and is not known until then. Resource versions of one resource are comparable, so a list as of version
// L and the events since the registration, whatever their order, make one state: the list, overridden by every
// event after L. Events up to L are in the list already. Nothing is lost between: the list is asked for after the
// registration, and is at least as new as any event that was dropped before it. A namespace that did not exist when it
// was registered needs no list (see born).
type view struct {
	gvk    schema.GroupVersionKind
	clock  clock.PassiveClock
	notify func(types.NamespacedName)
	// wake has room for one: some namespace waits for a list of its own.
	wake chan struct{}
	// foreign stands for every object of the namespaces that are nobody's.
	foreign *unstructured.Unstructured
	// rooms is shared by the views of all kinds.
	rooms *rooms

	mu     sync.RWMutex
	spaces map[string]*space
	// turn counts registrations and lists in the order in which they began.
	turn uint64
	// listing says that a cluster-wide list has begun, or has to, and no events come.
	listing bool
	// total is how many objects of the kind the cluster had, in all namespaces, when they were last listed.
	total int
	fault fault
	// refusedSince is when reading was first forbidden, without a success since.
	refusedSince time.Time
}

// space is what a view holds of one namespace. Cluster-scoped kinds have one space, with an empty name.
type space struct {
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
	// asOf is the version up to which the list that filled the space told all. No older one is taken.
	asOf string
	// unbroken is since when every event is seen. What came between two lists is not known.
	unbroken time.Time
	// gone holds, while not synced, the version at which an object was deleted, by name.
	gone map[string]string
	// since is the turn of the registration, or of the latest reset.
	since uint64
	// unborn says that the namespace was not there when it was registered, and that every event since was seen.
	unborn bool
	// born says that the space was filled by the namespace's birth, as of a version of another resource.
	born bool
}

func newView(gvk schema.GroupVersionKind, clock clock.PassiveClock, notify func(types.NamespacedName)) *view {
	return &view{
		gvk:     gvk,
		clock:   clock,
		notify:  notify,
		wake:    make(chan struct{}, 1),
		foreign: &unstructured.Unstructured{},
		rooms:   newRooms(),
		spaces:  map[string]*space{},
		listing: true,
	}
}

// register makes a namespace visible for a lab, which needs its objects whole. One that is unborn gets no list of its own until
// more is known.
func (v *view) register(namespace string, lab types.NamespacedName, unborn bool) {
	v.admit(namespace, lab, unborn, true)
}

// admit is register for a lab that needs the objects whole, or only to know how they fare.
func (v *view) admit(namespace string, lab types.NamespacedName, unborn, whole bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.spaces[namespace]
	switch {
	case !ok:
		s = &space{namespace: namespace, labs: map[types.NamespacedName]bool{}}
		v.spaces[namespace] = s
		v.reset(s)
		s.unborn = unborn
	case whole && !s.whole():
		v.reset(s) // what was left out is needed now
	}
	s.labs[lab] = whole
}

// whole tells whether some lab needs the objects whole.
func (s *space) whole() bool {
	for _, whole := range s.labs {
		if whole {
			return true
		}
	}
	return false
}

// unregister ends register, and drops what nobody sees any more.
func (v *view) unregister(namespace string, lab types.NamespacedName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.spaces[namespace]
	if !ok {
		return
	}
	delete(s.labs, lab)
	if len(s.labs) == 0 {
		v.empty(s)
		delete(v.spaces, namespace)
	}
}

// wants tells whether a namespace is registered.
func (v *view) wants(namespace string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.spaces[namespace]
	return ok
}

// part returns what of an object is wanted in its namespace, nil if nothing. It may change its argument.
func (v *view) part(o *unstructured.Unstructured) *unstructured.Unstructured {
	v.mu.RLock()
	s, ok := v.spaces[o.GetNamespace()]
	whole := ok && s.whole()
	v.mu.RUnlock()
	switch {
	case !ok:
		return nil
	case whole:
		return bound(o)
	default:
		return bound(brief(o))
	}
}

// reset empties a space, which then waits for a list: its own, or the cluster-wide one that begins next.
func (v *view) reset(s *space) {
	v.turn++
	s.since = v.turn
	v.empty(s)
	s.gone = map[string]string{}
	s.synced, s.asOf = false, ""
	s.unborn, s.born = false, false
	if !v.listing {
		v.wakeUp()
	}
}

// distrust empties a space that shows what is newer than what has come: no list that is as old may fill it.
func (v *view) distrust(s *space) {
	known, born := s.asOf, s.born
	v.reset(s)
	s.asOf, s.born = known, born
}

func (v *view) wakeUp() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// fill makes a space synced with what a list tells at a time.
func (v *view) fill(s *space, objects map[string]object, version string, at time.Time) {
	v.empty(s)
	// In order, so that it is always the same ones that there is no room for.
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		v.keep(s, objects[name])
	}
	s.asOf, s.synced, s.unbroken, s.gone = version, true, at, nil
	s.unborn, s.born = false, false
}

// put takes an object from an event.
func (v *view) put(o *unstructured.Unstructured) {
	if o = v.part(o); o == nil {
		return
	}
	next := hold(o)
	v.tell(v.change(o.GetNamespace(), next.GetResourceVersion(), func(s *space) bool {
		name := next.GetName()
		prior, ok := s.objects[name]
		v.keep(s, next)
		return !ok || differ(prior, next)
	}))
}

// drop takes a deletion from an event.
func (v *view) drop(o *unstructured.Unstructured) {
	version := o.GetResourceVersion()
	v.tell(v.change(o.GetNamespace(), version, func(s *space) bool {
		name := o.GetName()
		_, ok := s.objects[name]
		v.lose(s, name)
		if !s.synced {
			s.gone[name] = version
		}
		return ok
	}))
}

// change applies an event to a space unless the space has it already, and returns the labs to tell.
func (v *view) change(namespace, version string, apply func(*space) bool) []types.NamespacedName {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, ok := v.spaces[namespace]
	if !ok {
		return nil
	}
	if s.asOf != "" && !newer(version, s.asOf) {
		if s.born {
			v.distrust(s)
		}
		return nil
	}
	if changed := apply(s); !changed || !s.synced {
		return nil
	}
	return slices.Collect(maps.Keys(s.labs))
}

// begin notes that a cluster-wide list is about to be asked for, and returns its turn.
func (v *view) begin() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turn++
	v.listing = true
	return v.turn
}

// replace takes the result of the cluster-wide list that began at a turn.
//
// A namespace that was registered after that turn is not told in full. Nor is one that was listed by itself at a
// later version, as when the list came from an API server that lags behind: both wait for a list of their own.
func (v *view) replace(items []any, version string, began uint64) {
	found := v.sort(items)

	v.mu.Lock()
	v.listing = false
	v.total = len(items)
	var labs []types.NamespacedName
	for namespace, s := range v.spaces {
		if s.since > began || (s.asOf != "" && newer(s.asOf, version)) {
			v.distrust(s)
			continue
		}
		objects := found[namespace]
		if objects == nil {
			objects = map[string]object{}
		}
		if !s.synced || !maps.EqualFunc(s.objects, objects, func(a, b object) bool { return !differ(a, b) }) {
			labs = slices.AppendSeq(labs, maps.Keys(s.labs))
		}
		v.fill(s, objects, version, v.clock.Now())
	}
	v.mu.Unlock()
	v.tell(labs)
}

// sort keeps the objects of registered namespaces, by namespace and name.
func (v *view) sort(items []any) map[string]map[string]object {
	found := map[string]map[string]object{}
	for _, item := range items {
		o, ok := item.(*unstructured.Unstructured)
		if !ok || o == v.foreign {
			continue
		}
		if o = v.part(o); o == nil {
			continue
		}
		namespace := o.GetNamespace()
		if found[namespace] == nil {
			found[namespace] = map[string]object{}
		}
		found[namespace][o.GetName()] = hold(o)
	}
	return found
}

// tell notifies labs. No lock is held: the one who is told may read at once.
func (v *view) tell(labs []types.NamespacedName) {
	for _, lab := range labs {
		v.notify(lab)
	}
}

// everyone is all labs that see this kind. The caller holds the lock.
func (v *view) everyone() []types.NamespacedName {
	var labs []types.NamespacedName
	for _, s := range v.spaces {
		labs = slices.AppendSeq(labs, maps.Keys(s.labs))
	}
	return labs
}

func (v *view) held() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n := 0
	for _, s := range v.spaces {
		n += len(s.objects)
	}
	return n
}

// newer tells whether version a is after b. Versions that are not numbers, which no API server of our days sends,
// can't be compared: what comes later then counts as newer.
func newer(a, b string) bool {
	c, err := resourceversion.CompareResourceVersion(a, b)
	return err != nil || c > 0
}
