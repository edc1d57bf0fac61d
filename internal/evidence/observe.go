package evidence

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/internal/check"
)

// observe is what is known now of a source in a namespace.
func (v *view) observe(source Source, namespace string) check.Observation {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.fault != (fault{}) {
		return check.Observation{State: v.fault.state, Detail: v.fault.detail}
	}
	s, ok := v.spaces[namespace]
	if !ok || !s.synced {
		return check.Observation{State: check.NotSynced, Detail: notSyncedDetail(v.gvk)}
	}
	read := s.object
	if source.List {
		read = s.list
	}
	observed := read(source)
	observed.Since = s.unbroken
	return observed
}

func (s *space) object(source Source) check.Observation {
	o, ok := s.objects[source.ObjectName]
	switch {
	case !ok:
		return check.Observation{State: check.Missing, Detail: missingDetail(source)}
	case o.tooLarge || o.crowded:
		return check.Observation{State: check.TooLarge, Detail: tooLargeDetail(o)}
	default:
		return check.Observation{State: check.Seen, Value: o.Object}
	}
}

func (s *space) list(source Source) check.Observation {
	var found []object
	for _, o := range s.objects {
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
func (v *view) all(namespace string) ([]*unstructured.Unstructured, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	s, ok := v.spaces[namespace]
	if !ok {
		return nil, false
	}
	objects := make([]*unstructured.Unstructured, 0, len(s.objects))
	for _, o := range s.objects {
		objects = append(objects, o.Unstructured)
	}
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects, s.synced && v.fault == (fault{})
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
