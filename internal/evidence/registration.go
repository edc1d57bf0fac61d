package evidence

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/internal/kube"
)

// register makes a namespace visible for a lab, which needs the objects whole or only to know how they fare. One that is
// expected gets no list of its own until it is confirmed.
func (s *store) register(namespace string, lab types.NamespacedName, expected, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ns, ok := s.namespaces[namespace]
	switch {
	case !ok:
		ns = s.add(namespace)
		ns.expected, ns.fresh = expected, expected
	case expected, whole && !ns.whole():
		s.reset(ns) // what is there is of an earlier namespace, or what was left out is needed now
	case ns.reserved && !whole:
		s.shorten(ns)
	}
	ns.reserved = false
	ns.labs[lab] = whole
}

// add makes an empty namespaceStore, which waits for a list. The caller holds the lock.
func (s *store) add(namespace string) *namespaceStore {
	ns := &namespaceStore{namespace: namespace, labs: map[types.NamespacedName]bool{}}
	s.namespaces[namespace] = ns
	s.reset(ns)
	return ns
}

// reserve keeps the objects of a namespace whole until its lab says which it needs.
func (s *store) reserve(namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.namespaces[namespace] == nil && !kube.IsSharedKind(s.gvk.GroupKind()) {
		s.add(namespace).reserved = true
	}
}

// unreserve ends reserve.
func (s *store) unreserve(namespace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ns, ok := s.namespaces[namespace]; ok {
		ns.reserved = false
		s.dropUnused(ns)
	}
}

// shorten leaves out of the objects what a lab does not need that only wants to know how they fare.
func (s *store) shorten(ns *namespaceStore) {
	for _, o := range ns.objects {
		if o.tooLarge || o.crowded {
			continue
		}
		short := brief(o.Unstructured)
		s.keep(ns, object{Unstructured: short, cost: Cost(short.Object, maxObjectCost)})
	}
}

// whole reports whether the objects are needed whole.
func (ns *namespaceStore) whole() bool {
	for _, whole := range ns.labs {
		if whole {
			return true
		}
	}
	return ns.reserved
}

// unregister ends register, and drops what nobody sees any more.
func (s *store) unregister(namespace string, lab types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ns, ok := s.namespaces[namespace]
	if !ok {
		return
	}
	delete(ns.labs, lab)
	s.dropUnused(ns)
}

// dropUnused drops a namespaceStore that nobody sees any more. The caller holds the lock.
func (s *store) dropUnused(ns *namespaceStore) {
	if len(ns.labs) == 0 && !ns.reserved {
		s.empty(ns)
		delete(s.namespaces, ns.namespace)
	}
}

// part returns what of an object is wanted in its namespace, nil if nothing. It may change its argument.
func (s *store) part(o *unstructured.Unstructured) *unstructured.Unstructured {
	s.mu.RLock()
	ns, ok := s.namespaces[o.GetNamespace()]
	whole := ok && ns.whole()
	s.mu.RUnlock()
	switch {
	case !ok:
		return nil
	case whole:
		return bound(o)
	default:
		return bound(brief(o))
	}
}
