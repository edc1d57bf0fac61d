package evidence

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/internal/check"
)

// observe is what is known now of a source in a namespace.
func (s *store) observe(source Source, namespace string) check.Observation {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.fault != (fault{}) {
		return check.Observation{State: s.fault.state, Detail: s.fault.detail}
	}
	ns, ok := s.namespaces[namespace]
	if !ok || !ns.synced {
		return check.Observation{State: check.NotSynced, Detail: notSyncedDetail(s.gvk)}
	}
	read := ns.object
	if source.List {
		read = ns.list
	}
	observed := read(source)
	observed.Since = ns.unbroken
	return observed
}

func (ns *namespaceStore) object(source Source) check.Observation {
	o, ok := ns.objects[source.ObjectName]
	switch {
	case !ok:
		return check.Observation{State: check.Missing, Detail: missingDetail(source)}
	case o.tooLarge || o.crowded:
		return check.Observation{State: check.TooLarge, Detail: tooLargeDetail(o)}
	default:
		return check.Observation{State: check.Seen, Value: o.Object}
	}
}

func (ns *namespaceStore) list(source Source) check.Observation {
	var found []object
	for _, o := range ns.objects {
		if !matches(o, source.Selector) {
			continue
		}
		if len(found) == source.limit() {
			return check.Observation{State: check.TooLarge, Detail: tooManyDetail(source)}
		}
		found = append(found, o)
	}
	slices.SortFunc(found, byName)
	value := make([]any, 0, len(found))
	for _, o := range found {
		if o.tooLarge || o.crowded {
			return check.Observation{State: check.TooLarge, Detail: tooLargeDetail(o)}
		}
		value = append(value, o.Object)
	}
	return check.Observation{State: check.Seen, Value: value}
}

// all lists what is held of a namespace, by name, and whether that is all there is.
func (s *store) all(namespace string) ([]*unstructured.Unstructured, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ns, ok := s.namespaces[namespace]
	if !ok {
		return nil, false
	}
	objects := make([]*unstructured.Unstructured, 0, len(ns.objects))
	for _, o := range ns.objects {
		objects = append(objects, o.Unstructured)
	}
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects, ns.synced && s.fault == (fault{})
}

func byName(a, b object) int { return cmp.Compare(a.GetName(), b.GetName()) }

// matches looks at the labels in place: to copy them for each object of each reading would be most of the work.
func matches(o object, selector map[string]string) bool {
	if len(selector) == 0 {
		return true
	}
	labels, _, _ := unstructured.NestedFieldNoCopy(o.Object, "metadata", "labels")
	has, _ := labels.(map[string]any)
	for key, want := range selector {
		if value, ok := has[key]; !ok || value != want {
			return false
		}
	}
	return true
}
