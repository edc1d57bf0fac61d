package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// What every adapter returns.
const (
	fieldOK     = "ok"
	fieldError  = "error"
	fieldReason = "reason"
)

// isWildcard tells of a part of a documented path that stands for any key.
func isWildcard(key string) bool {
	return strings.HasPrefix(key, "<") && strings.HasSuffix(key, ">")
}

// ofService is the shape of what an adapter returns for a probe.
func ofService(adapter probe.Adapter, spec *v1beta1.ProbeEvidence) *shape {
	root := &documented{}
	for _, field := range adapter.Fields {
		root.add(strings.Split(field.Name, "."), field.Type)
	}
	reasons := make([]string, 0, len(probe.Reasons()))
	for _, reason := range probe.Reasons() {
		reasons = append(reasons, reason.Name)
	}
	s := root.shape()
	for name, child := range s.fields {
		// What is asked for by name is there under these names alone.
		var keys []string
		if adapter.Keys != nil {
			keys = adapter.Keys(name, spec)
		}
		if child.form == formMap && keys != nil {
			child.keys = keys
		}
	}
	s.form, s.title = formObject, adapter.Name
	if s.fields == nil {
		s.fields = map[string]*shape{}
	}
	s.fields[fieldOK] = &shape{form: formBool}
	s.fields[fieldError] = &shape{form: formString}
	s.fields[fieldReason] = &shape{form: formString, values: reasons}
	return s
}

// documented is a value that an adapter documents, with what is documented below it.
type documented struct {
	kind  string
	below map[string]*documented
}

// add notes the type at a path. The elements of a list stand under the empty key.
func (d *documented) add(path []string, kind string) {
	if len(path) == 0 {
		d.kind = kind
		return
	}
	key, isList := strings.CutSuffix(path[0], "[]")
	child := d.child(key)
	if isList {
		child = child.child("")
	}
	child.add(path[1:], kind)
}

func (d *documented) child(key string) *documented {
	if d.below == nil {
		d.below = map[string]*documented{}
	}
	if d.below[key] == nil {
		d.below[key] = &documented{}
	}
	return d.below[key]
}

// shape is what is documented. What elements of a list are maps of may be said in words alone.
func (d *documented) shape() *shape {
	keys := slices.Sorted(maps.Keys(d.below))
	switch {
	case d.kind == "dyn":
		return anything(false)
	case len(keys) == 0:
		return ofWord(d.kind)
	case keys[0] == "":
		elem := d.below[""].shape()
		elem.open = true
		return &shape{form: formList, elem: elem}
	case isWildcard(keys[0]):
		return &shape{form: formMap, elem: d.below[keys[0]].shape()}
	}
	fields := make(map[string]*shape, len(keys))
	for _, key := range keys {
		fields[key] = d.below[key].shape()
	}
	return &shape{form: formObject, fields: fields}
}

// ofWord is the shape of a documented type.
func ofWord(kind string) *shape {
	switch kind {
	case "string":
		return &shape{form: formString}
	case "int", "double":
		return &shape{form: formNumber}
	case "bool":
		return &shape{form: formBool}
	case "timestamp":
		return &shape{form: formTimestamp}
	case "duration":
		return &shape{form: formDuration}
	case "list":
		return &shape{form: formList, elem: anything(false)}
	case "map":
		return &shape{form: formMap, elem: anything(false)}
	}
	return anything(false)
}
