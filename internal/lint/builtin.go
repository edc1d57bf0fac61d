package lint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/lab-operator/lab-operator/internal/kube"
)

// builtin is a kind that every cluster has.
type builtin struct {
	// goType of the objects.
	goType     reflect.Type
	namespaced bool
	// resource is its name in URLs and rights, as in deployments.
	resource string
}

// builtins are the kinds that have a client of their own, as far as they are still served. The signatures of the
// clients tell which of them live in a namespace.
var builtins = sync.OnceValue(func() map[schema.GroupVersionKind]builtin {
	kindOf := map[reflect.Type]schema.GroupVersionKind{}
	for gvk, goType := range scheme.Scheme.AllKnownTypes() {
		kindOf[goType] = gvk
	}
	kinds := map[schema.GroupVersionKind]builtin{}
	clients := reflect.TypeFor[kubernetes.Interface]()
	for i := range clients.NumMethod() {
		group := clients.Method(i).Type
		if group.NumIn() != 0 || group.NumOut() != 1 || group.Out(0).Kind() != reflect.Interface {
			continue
		}
		for j := range group.Out(0).NumMethod() {
			getter := group.Out(0).Method(j)
			if getter.Type.NumOut() != 1 || getter.Type.Out(0).Kind() != reflect.Interface {
				continue
			}
			create, ok := getter.Type.Out(0).MethodByName("Create")
			if !ok || create.Type.NumIn() != 3 {
				continue
			}
			goType := create.Type.In(1).Elem()
			if gvk, ok := kindOf[goType]; ok && !isRemoved(goType) {
				kinds[gvk] = builtin{goType: goType, namespaced: getter.Type.NumIn() == 1, resource: strings.ToLower(getter.Name)}
			}
		}
	}
	return kinds
})

// isRemoved tells whether the cluster's version does not serve a kind any more.
func isRemoved(goType reflect.Type) bool {
	removed, ok := reflect.New(goType).Interface().(interface{ APILifecycleRemoved() (major, minor int) })
	if !ok {
		return false
	}
	major, minor := removed.APILifecycleRemoved()
	return version.MajorMinor(uint(major), uint(minor)).LessThan(kube.Version().AddMinor(1))
}

// isBuiltinGroup tells whether a group is one of Kubernetes' own, so that a kind that it does not have is a mistake.
func isBuiltinGroup(group string) bool {
	for gvk := range builtins() {
		if gvk.Group == group {
			return true
		}
	}
	return false
}

// unknownKind is what is wrong with a kind of a built-in group, with the nearest that there is.
func unknownKind(gvk schema.GroupVersionKind) string {
	var kinds, versions []string
	for known := range builtins() {
		if known.Group == gvk.Group && known.Version == gvk.Version {
			kinds = append(kinds, known.Kind)
		}
		if known.Group == gvk.Group && known.Kind == gvk.Kind {
			versions = append(versions, known.GroupVersion().String())
		}
	}
	if len(versions) > 0 {
		slices.Sort(versions)
		return fmt.Sprintf("Kubernetes %s does not serve %s as %s: write %s", kube.Version(), gvk.Kind, gvk.GroupVersion(), strings.Join(versions, " or "))
	}
	if groups := groupsOf(gvk.Kind); len(groups) > 0 {
		return fmt.Sprintf("%s has no kind %s: it is in %s", gvk.GroupVersion(), gvk.Kind, strings.Join(groups, ", "))
	}
	return fmt.Sprintf("%s has no kind %s%s", gvk.GroupVersion(), gvk.Kind, suggestion(gvk.Kind, kinds))
}

func groupsOf(kind string) []string {
	var groups []string
	for known := range builtins() {
		if known.Kind == kind {
			groups = append(groups, known.GroupVersion().String())
		}
	}
	slices.Sort(groups)
	return groups
}

// offlineScoper tells the scope of kinds without a cluster. Kinds that are not built in are taken for those of a namespace.
type offlineScoper struct{}

// IsNamespaced implements catalog.Scoper.
func (offlineScoper) IsNamespaced(gk schema.GroupKind, v string) (bool, error) {
	if kind, ok := builtins()[gk.WithVersion(v)]; ok {
		return kind.namespaced, nil
	}
	if isBuiltinGroup(gk.Group) {
		return false, &meta.NoKindMatchError{GroupKind: gk, SearchedVersions: []string{v}}
	}
	return true, nil
}
