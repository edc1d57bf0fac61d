package evidence

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The sentences on why there is no value. They are the same for the same state, so that nothing is written twice.

func missingDetail(source Source) string {
	return fmt.Sprintf("there is no %s named %s", source.GVK.Kind, source.ObjectName)
}

func unavailableDetail(gvk schema.GroupVersionKind) string {
	if gvk.Group == "" {
		return fmt.Sprintf("the cluster has no kind %s of the core group in version %s", gvk.Kind, gvk.Version)
	}
	return fmt.Sprintf("the cluster has no kind %s of group %s in version %s", gvk.Kind, gvk.Group, gvk.Version)
}

func notSyncedDetail(gvk schema.GroupVersionKind) string {
	return fmt.Sprintf("%s have not been read yet", plural(gvk.Kind))
}

func tooManyDetail(source Source) string {
	detail := fmt.Sprintf("more than %d %s", source.limit(), plural(source.GVK.Kind))
	if len(source.Selector) > 0 {
		detail += " with " + labels.Set(source.Selector).String()
	}
	return detail + ": delete some"
}

func tooLargeDetail(o object) string {
	if o.crowded {
		return fmt.Sprintf("the %s %s is not inspected: the lab has more than %d MiB of objects, delete some", o.GetKind(), o.GetName(), maxLabCost>>20)
	}
	return fmt.Sprintf("the %s %s is too large to inspect: make it smaller than %d KiB and its lists shorter", o.GetKind(), o.GetName(), maxObjectSize>>10)
}

func refusedDetail(resource schema.GroupResource) string {
	return fmt.Sprintf("the operator may not read %s: grant it list and watch on them in all namespaces", resource)
}

func unwatchableDetail(gvk schema.GroupVersionKind) string {
	return fmt.Sprintf("%s cannot be watched: evidence can only be of kinds that can", plural(gvk.Kind))
}

func foreignScopeDetail(gvk schema.GroupVersionKind) string {
	return fmt.Sprintf("%s are not in namespaces: evidence can only be what is in the lab's namespace, a Node or a StorageClass", plural(gvk.Kind))
}

// plural is the plural of a kind, in English.
func plural(kind string) string {
	lower := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(lower, "ss"), strings.HasSuffix(lower, "x"), strings.HasSuffix(lower, "ch"):
		return kind + "es"
	case strings.HasSuffix(lower, "s"):
		return kind
	case strings.HasSuffix(lower, "y") && !strings.ContainsAny(lower[max(0, len(lower)-2):len(lower)-1], "aeiou"):
		return kind[:len(kind)-1] + "ies"
	default:
		return kind + "s"
	}
}
