package lint

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// form is the type of a value, as far as the rules tell types apart.
type form int

const (
	// formUnknown: nothing can be said.
	formUnknown form = iota
	// formNone is what an empty list holds: it fits everything.
	formNone
	formString
	formNumber
	formBool
	formTimestamp
	formDuration
	formList
	// formMap maps strings to values of one shape.
	formMap
	// formObject has fields by name.
	formObject
)

// String names the form in a sentence.
func (f form) String() string {
	return [...]string{"a value", "nothing", "a string", "a number", "a bool", "a timestamp", "a duration", "a list", "a map", "an object"}[f]
}

// shape is what is known of the values that an expression can have, without any evidence.
type shape struct {
	form form
	// elem is the shape of the elements of a list or map.
	elem *shape
	// goType is that of an object of a built-in kind.
	goType reflect.Type
	// fields are those of any other object.
	fields map[string]*shape
	// keys are those that a map can have, nil when any.
	keys []string
	// values are the strings that there can be, nil when any.
	values []string
	// title says what it is, in a message, as in PodSpec.
	title string
	// object tells that it is an object of a kind that is not built in.
	object bool
	// open tells that there can be fields that are not known.
	open bool
	// complete tells that none of its fields is ever absent.
	complete bool
	// unordered tells that the order of a list, and of all lists in it, is the cluster's and not the author's.
	unordered bool
}

// anything is the shape of what is not known.
func anything(unordered bool) *shape { return &shape{unordered: unordered} }

// field is the shape of a field. Sure tells that the field is there whenever the value is.
func (s *shape) field(name string) (child *shape, sure, ok bool) {
	switch {
	case s.form == formMap:
		return s.elem, false, s.keys == nil || slices.Contains(s.keys, name)
	case s.goType != nil:
		f, ok := jsonFields(s.goType)[name]
		if !ok {
			return anything(true), false, false
		}
		return ofType(f.Type), f.sure, true
	case s.fields != nil:
		child, ok := s.fields[name]
		if !ok {
			return anything(s.unordered), false, s.open
		}
		return child, s.complete || name == fieldOK, true
	case s.object:
		child := anything(true)
		if name == "metadata" {
			child = ofType(reflect.TypeFor[metav1.ObjectMeta]())
		}
		return child, name == "spec" || name == "metadata" || name == "kind" || name == "apiVersion", true
	}
	return anything(s.unordered), false, true
}

// names are the fields that there can be, sorted.
func (s *shape) names() []string {
	switch {
	case s.form == formMap:
		return s.keys
	case s.goType != nil:
		return slices.Sorted(maps.Keys(jsonFields(s.goType)))
	}
	return slices.Sorted(maps.Keys(s.fields))
}

// join is what is known of a value that has one of two shapes.
func join(a, b *shape) *shape {
	switch {
	case a.form == formNone:
		return b
	case b.form == formNone:
		return a
	case a == b:
		return a
	case a.form != b.form || a.goType != b.goType || a.fields != nil || b.fields != nil || a.object != b.object:
		return anything(a.unordered || b.unordered)
	case a.form == formList || a.form == formMap:
		return &shape{form: a.form, elem: join(a.elem, b.elem), unordered: a.unordered || b.unordered}
	case a.form == formString && (a.values == nil || b.values == nil):
		return &shape{form: formString}
	case a.form == formString:
		return &shape{form: formString, values: append(slices.Clone(a.values), b.values...)}
	}
	return a
}

// ofChecked is the shape of what the type checker knows.
func ofChecked(t *types.Type) *shape {
	switch t.Kind() {
	case types.StringKind:
		return &shape{form: formString}
	case types.IntKind, types.UintKind, types.DoubleKind:
		return &shape{form: formNumber}
	case types.BoolKind:
		return &shape{form: formBool}
	case types.TimestampKind:
		return &shape{form: formTimestamp}
	case types.DurationKind:
		return &shape{form: formDuration}
	case types.ListKind:
		return &shape{form: formList, elem: ofChecked(t.Parameters()[0])}
	}
	return anything(false)
}

// ofType is the shape of values of a Go type of the Kubernetes API, as they stand in JSON.
func ofType(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime](), reflect.TypeFor[metav1.Duration](), reflect.TypeFor[resource.Quantity]():
		return &shape{form: formString}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()) {
		return anything(true)
	}
	switch t.Kind() {
	case reflect.String:
		return &shape{form: formString, values: wordsOf[t]}
	case reflect.Bool:
		return &shape{form: formBool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return &shape{form: formNumber}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &shape{form: formString}
		}
		return &shape{form: formList, elem: ofType(t.Elem()), unordered: true}
	case reflect.Map:
		return &shape{form: formMap, elem: ofType(t.Elem()), unordered: true}
	case reflect.Struct:
		return &shape{form: formObject, goType: t, title: t.Name(), unordered: true}
	default:
		return anything(true)
	}
}

// wordsOf are the values that a string type allows, so that a typo is found.
var wordsOf = map[reflect.Type][]string{
	reflect.TypeFor[corev1.PodPhase]():                   {"Pending", "Running", "Succeeded", "Failed", "Unknown"},
	reflect.TypeFor[corev1.ConditionStatus]():            {"True", "False", "Unknown"},
	reflect.TypeFor[metav1.ConditionStatus]():            {"True", "False", "Unknown"},
	reflect.TypeFor[corev1.PodQOSClass]():                {"Guaranteed", "Burstable", "BestEffort"},
	reflect.TypeFor[corev1.RestartPolicy]():              {"Always", "OnFailure", "Never"},
	reflect.TypeFor[corev1.ServiceType]():                {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"},
	reflect.TypeFor[corev1.PersistentVolumeClaimPhase](): {"Pending", "Bound", "Lost"},
	reflect.TypeFor[corev1.TaintEffect]():                {"NoSchedule", "PreferNoSchedule", "NoExecute"},
	reflect.TypeFor[corev1.PullPolicy]():                 {"Always", "IfNotPresent", "Never"},
}

// jsonField is a field of a Go type in JSON.
type jsonField struct {
	reflect.StructField
	// sure tells that it is written even when it is empty.
	sure bool
}

// jsonFields are the fields of a struct in JSON, with those of embedded structs.
func jsonFields(t reflect.Type) map[string]jsonField {
	fields := map[string]jsonField{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case name == "" && f.Anonymous:
			maps.Copy(fields, jsonFields(f.Type))
		case name != "":
			omitted := strings.Contains(options, "omitempty") && f.Type.Kind() != reflect.Struct || strings.Contains(options, "omitzero")
			fields[name] = jsonField{StructField: f, sure: !omitted && name != "status"}
		}
	}
	return fields
}
