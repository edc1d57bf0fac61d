package evidence

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// maxObjectSize is the largest object that checks inspect, in bytes of JSON without the names of managed fields.
	maxObjectSize = 256 << 10
	// maxObjectCost is the largest object that checks inspect, in bytes of memory once it is decoded, as Cost estimates them.
	// An entry of a list can take a hundred times the memory of its JSON.
	maxObjectCost = 1 << 20
	// largeMark is a field of what is left of an object that is too large. No object of the API server has such a name.
	largeMark = "lab-operator:tooLarge"
)

// object is one object as a store holds it. Of one that is too large to inspect, or that the lab has no room left for, only
// the identity and the labels are there.
type object struct {
	*unstructured.Unstructured
	tooLarge bool
	crowded  bool
	// cost is about how many bytes of memory it takes.
	cost int
}

// prepare makes an object ready to be held. It may change its argument.
func prepare(o *unstructured.Unstructured) object {
	o = bound(o)
	if _, tooLarge := o.Object[largeMark]; tooLarge {
		stub := identity(o)
		return object{Unstructured: stub, tooLarge: true, cost: Cost(stub.Object, maxObjectCost)}
	}
	o.Object, _ = common.share(o.Object).(map[string]any)
	return object{Unstructured: o, cost: Cost(o.Object, maxObjectCost)}
}

// bound returns what of an object may be held: all of it, or its identity with a mark where it is too large. It may change
// its argument, and may run more than once on an object.
func bound(o *unstructured.Unstructured) *unstructured.Unstructured {
	if _, marked := o.Object[largeMark]; marked {
		return o
	}
	strip(o)
	if Size(o.Object, maxObjectSize) <= maxObjectSize && Cost(o.Object, maxObjectCost) <= maxObjectCost {
		return o
	}
	stub := identity(o)
	stub.Object[largeMark] = true
	return stub
}

// identity is what tells an object from others, and its labels.
func identity(o *unstructured.Unstructured) *unstructured.Unstructured {
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
	return stub
}

// brief returns what tells how an object fares: its identity, owners, the plain fields of its spec, the ports of a pod's
// containers and its status. It is all that is held of what no check inspects. It may run more than once on an object.
func brief(o *unstructured.Unstructured) *unstructured.Unstructured {
	if _, marked := o.Object[largeMark]; marked {
		return o
	}
	short := identity(o)
	short.SetGeneration(o.GetGeneration())
	if owners := o.GetOwnerReferences(); len(owners) > 0 {
		short.SetOwnerReferences(owners)
	}
	if spec, ok := o.Object["spec"].(map[string]any); ok {
		plain := map[string]any{}
		for field, value := range spec {
			switch value.(type) {
			case map[string]any, []any:
			default:
				plain[field] = value
			}
		}
		if containers, ok := spec["containers"].([]any); ok {
			plain["containers"] = portsOf(containers)
		}
		short.Object["spec"] = plain
	}
	if status, ok := o.Object["status"]; ok {
		short.Object["status"] = status
	}
	return short
}

// portsOf is what of a pod's containers tells which ports they declare.
func portsOf(containers []any) []any {
	brief := make([]any, 0, len(containers))
	for _, c := range containers {
		if container, ok := c.(map[string]any); ok && container["ports"] != nil {
			brief = append(brief, map[string]any{"name": container["name"], "ports": container["ports"]})
		}
	}
	return brief
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

// Cost estimates how much memory a decoded value takes, in bytes. It stops counting when it is over the limit.
func Cost(value any, limit int) int {
	const (
		header   = 16 // of a value in a list or map
		smallMap = 320
		mapEntry = 56 // of a map that is not small
	)
	switch v := value.(type) {
	case map[string]any:
		n := smallMap
		if len(v) > 8 {
			n = mapEntry * len(v)
		}
		for key, item := range v {
			n += len(key) + Cost(item, limit-n)
			if n > limit {
				break
			}
		}
		return n
	case []any:
		n := header * (len(v) + 1)
		for _, item := range v {
			n += Cost(item, limit-n)
			if n > limit {
				break
			}
		}
		return n
	case string:
		return header + len(v)
	default: // a number, a bool or null
		return header
	}
}

// differ reports whether two states of an object are different versions of it.
func differ(a, b object) bool {
	version := a.GetResourceVersion()
	return version == "" || version != b.GetResourceVersion()
}
