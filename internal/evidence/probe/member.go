package probe

import (
	"reflect"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Member is the name of the member of a probe that is given, as in http, and that of its adapter. It is empty where none
// is, or more than one. The members are read from the type: a new one needs no line here.
func Member(spec *v1beta1.ProbeEvidence) string {
	if spec == nil {
		return ""
	}
	given := ""
	value := reflect.ValueOf(spec).Elem()
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !isMember(field) || value.Field(i).IsNil() {
			continue
		}
		if given != "" {
			return ""
		}
		given = memberName(field)
	}
	return given
}

// Members are the names of all members that a probe can have, in the order of the type.
func Members() []string {
	var names []string
	for field := range reflect.TypeFor[v1beta1.ProbeEvidence]().Fields() {
		if isMember(field) {
			names = append(names, memberName(field))
		}
	}
	return names
}

// isMember tells the members of the union from what every probe has: they are what the service of one adapter is asked for.
func isMember(field reflect.StructField) bool {
	return field.Type.Kind() == reflect.Pointer && strings.HasSuffix(field.Type.Elem().Name(), "Evidence")
}

func memberName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
