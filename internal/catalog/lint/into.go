package lint

import (
	"maps"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// lookIntoExpressions goes through every expression with what is known of the kinds and services that it looks at.
func (s *subject) lookIntoExpressions() {
	variables := s.variables()
	for _, e := range s.expressions {
		walkExpression(e.Inspection, variables, func(rule string, line int, message string) {
			f := e.document.finding(rule, e.field, "%s", message)
			f.Line = e.document.lineOfText(e.field, line)
			s.findings = append(s.findings, f)
		})
	}
}

// variables are the shapes of all that an expression can refer to.
func (s *subject) variables() map[string]*shape {
	variables := map[string]*shape{
		"now": {form: moment},
		"lab": {form: record, whole: true, title: "lab", fields: map[string]*shape{
			"name": {form: text}, "namespace": {form: text}, "startedAt": {form: moment},
		}},
		"done":   s.done(),
		"params": s.params(),
	}
	for _, e := range s.spec.Evidence {
		variables[e.Name] = s.shapeOf(e)
	}
	return variables
}

func (s *subject) shapeOf(e v1alpha1.Evidence) *shape {
	if !e.IsWatched() {
		for _, adapter := range s.adapters {
			if adapter.Selects(&e) {
				return ofService(adapter, &e)
			}
		}
		return anything(false)
	}
	object := &shape{object: true, theirs: true}
	if kind, ok := builtins()[kindOf(e)]; ok {
		object = ofType(kind.goType)
	}
	if e.List != nil {
		return &shape{form: list, elem: object, theirs: true}
	}
	return object
}

// done holds the tasks that have been passed. What they recorded is text, whatever it was.
func (s *subject) done() *shape {
	tasks := map[string]*shape{}
	for _, t := range s.spec.Tasks {
		values := map[string]*shape{"at": {form: moment}, "passed": {form: truth}}
		for name := range maps.Keys(t.Record) {
			values[name] = &shape{form: text}
		}
		tasks[t.Name] = &shape{form: record, whole: true, title: "done." + t.Name, fields: values}
	}
	return &shape{form: record, whole: true, title: "done", fields: tasks}
}

func (s *subject) params() *shape {
	values := map[string]*shape{}
	for _, p := range s.spec.Params {
		values[p.Name] = &shape{form: text, values: p.OneOf}
		if p.Range != nil {
			values[p.Name] = &shape{form: number}
		}
	}
	return &shape{form: record, whole: true, title: "params", fields: values}
}
