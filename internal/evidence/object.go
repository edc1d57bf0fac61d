package evidence

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// maxObjectSize is the largest object that checks inspect, in bytes of JSON without the names of managed fields.
const maxObjectSize = 256 << 10

// object is one object as a view holds it. Of one that is too large to inspect only the identity and the labels are
// there.
type object struct {
	*unstructured.Unstructured
	tooLarge bool
}

// hold makes an object ready to be held. It may change its argument.
func hold(o *unstructured.Unstructured) object {
	strip(o)
	if Size(o.Object, maxObjectSize) <= maxObjectSize {
		o.Object, _ = common.share(o.Object).(map[string]any)
		return object{Unstructured: o}
	}
	stub := &unstructured.Unstructured{Object: map[string]any{}}
	stub.SetAPIVersion(o.GetAPIVersion())
	stub.SetKind(o.GetKind())
	stub.SetNamespace(o.GetNamespace())
	stub.SetName(o.GetName())
	stub.SetUID(o.GetUID())
	stub.SetResourceVersion(o.GetResourceVersion())
	stub.SetCreationTimestamp(o.GetCreationTimestamp())
	stub.SetDeletionTimestamp(o.GetDeletionTimestamp())
	stub.SetLabels(o.GetLabels())
	return object{Unstructured: stub, tooLarge: true}
}

// strip removes from the managed fields which fields they are: often the larger half of an object. Who wrote it, by
// which subresource and when stays: it is how a check tells what a controller did from what a learner did.
func strip(o *unstructured.Unstructured) {
	metadata, _ := o.Object["metadata"].(map[string]any)
	managed, _ := metadata["managedFields"].([]any)
	for _, entry := range managed {
		if entry, ok := entry.(map[string]any); ok {
			delete(entry, "fieldsV1")
		}
	}
}

// Size estimates how long a value is as JSON, without what escaping adds. It stops counting when it is over the
// limit.
func Size(value any, limit int) int {
	switch v := value.(type) {
	case map[string]any:
		n := len("{}")
		for key, item := range v {
			n += len(`"":,`) + len(key) + Size(item, limit-n)
			if n > limit {
				break
			}
		}
		return n
	case []any:
		n := len("[]")
		for _, item := range v {
			n += len(",") + Size(item, limit-n)
			if n > limit {
				break
			}
		}
		return n
	case string:
		return len(`""`) + len(v)
	default: // a number, a bool or null
		return 8
	}
}

// differ tells whether two states of an object are different versions of it.
func differ(a, b object) bool {
	version := a.GetResourceVersion()
	return version == "" || version != b.GetResourceVersion()
}
