package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
)

// writable is one kind that learners create.
type writable struct {
	resource schema.GroupVersionResource
	kind     schema.GroupVersionKind
	goType   reflect.Type
}

// learnersKinds are all that the role of learners lets them create, in each version that the API has.
func learnersKinds(t *testing.T) []writable {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var all []writable
	for _, rule := range ofKind[rbacv1.ClusterRole](t, manifests(t, configDir+"/rbac"), "ClusterRole")["lab-operator-learner"].Rules {
		if !slices.Contains(rule.Verbs, "create") {
			continue
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				if !strings.Contains(resource, "/") {
					all = append(all, kindsOf(t, scheme, schema.GroupResource{Group: group, Resource: resource})...)
				}
			}
		}
	}
	return all
}

func kindsOf(t *testing.T, scheme *runtime.Scheme, resource schema.GroupResource) []writable {
	t.Helper()
	var found []writable
	for kind, goType := range scheme.AllKnownTypes() {
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		if plural.GroupResource() == resource && !strings.Contains(kind.Version, "beta") {
			found = append(found, writable{plural, kind, goType})
		}
	}
	if len(found) == 0 {
		t.Errorf("learners create %s, of which no type is known: its lists cannot be looked at", resource)
	}
	return found
}

// path leads to one list, map or text of an object.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// fields are all paths of a type to what can be long: lists and maps, or texts.
func fields(of reflect.Type, at path, texts bool) []path {
	next := func(name string) path { return append(slices.Clone(at), name) }
	switch of {
	case reflect.TypeFor[resource.Quantity](), reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.FieldsV1]():
		return nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		return fields(of.Elem(), at, texts)
	case reflect.String:
		if texts {
			return []path{at}
		}
	case reflect.Slice:
		inner := fields(of.Elem(), next("[]"), texts)
		if texts || of.Elem().Kind() == reflect.Uint8 {
			return inner
		}
		return append(inner, at)
	case reflect.Map:
		if texts {
			return fields(of.Elem(), next("{}"), texts)
		}
		return append(fields(of.Elem(), next("{}"), texts), at)
	case reflect.Struct:
		var all []path
		for _, field := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			// Learners do not write the status.
			if len(field.Index) > 1 || name == "-" || len(at) == 0 && name == "status" || field.Type == reflect.TypeFor[metav1.TypeMeta]() {
				continue
			}
			if name == "" {
				all = append(all, fields(field.Type, at, texts)...)
				continue
			}
			all = append(all, fields(field.Type, next(name), texts)...)
		}
		return all
	}
	return nil
}

// nested is a value in which only one path leads anywhere, to leaf.
func nested(at path, leaf any) any {
	if len(at) == 0 {
		return leaf
	}
	inner := nested(at[1:], leaf)
	switch at[0] {
	case "[]":
		return []any{inner}
	case "{}":
		return map[string]any{"a": inner}
	default:
		return map[string]any{at[0]: inner}
	}
}

// leafType is the type that a path leads to.
func leafType(of reflect.Type, at path) reflect.Type {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if len(at) == 0 {
		return of
	}
	if at[0] == "[]" || at[0] == "{}" {
		return leafType(of.Elem(), at[1:])
	}
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == at[0] {
			return leafType(field.Type, at[1:])
		}
	}
	panic("there is no " + at.String())
}

// entries are many equal entries of a list or map, each as empty as it can be.
func entries(of reflect.Type, n int) any {
	var empty any
	switch elem := of.Elem(); elem.Kind() {
	case reflect.Struct:
		empty = map[string]any{}
	case reflect.Slice:
		empty = []any{}
	case reflect.Int32, reflect.Int64:
		empty = int64(1)
	default:
		empty = ""
	}
	if of.Kind() == reflect.Map {
		all := make(map[string]any, n)
		for i := range n {
			all[fmt.Sprint("k", i)] = empty
		}
		return all
	}
	return slices.Repeat([]any{empty}, n)
}

// with is an object of a kind with one value at a path.
func (w writable) with(at path, leaf any) map[string]any {
	object, _ := nested(at, leaf).(map[string]any)
	if object["metadata"] == nil {
		object["metadata"] = map[string]any{}
	}
	if object["spec"] == nil {
		object["spec"] = map[string]any{}
	}
	object["apiVersion"], object["kind"] = w.kind.GroupVersion().String(), w.kind.Kind
	return object
}
