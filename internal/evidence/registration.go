package evidence

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

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
