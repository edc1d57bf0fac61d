package lint

import (
	"maps"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// checkExpressions goes through every expression with what is known of the kinds and services that it looks at.
func (l *exerciseLinter) checkExpressions() {
	variables := l.variables()
	for _, e := range l.expressions {
		walkExpression(e.Inspection, variables, func(rule string, line int, message string) {
			f := e.document.finding(rule, e.field, "%s", message)
			f.Line = e.document.lineOfText(e.field, line)
			l.findings = append(l.findings, f)
		})
	}
}

// variables are the shapes of all that an expression can refer to.
func (l *exerciseLinter) variables() map[string]*shape {
	variables := map[string]*shape{
		"now": {form: formTimestamp},
		"lab": {form: formObject, complete: true, title: "lab", fields: map[string]*shape{
			"name": {form: formString}, "namespace": {form: formString}, "startedAt": {form: formTimestamp},
		}},
		"done":   l.doneShape(),
		"params": l.paramsShape(),
	}
	for _, e := range l.spec.Evidence {
		variables[e.Name] = l.shapeOf(e)
	}
	return variables
}

func (l *exerciseLinter) shapeOf(e v1beta1.Evidence) *shape {
	if e.Probe != nil {
		member := probe.Member(e.Probe)
		for _, adapter := range l.adapters {
			if adapter.Name == member {
				return ofService(adapter, e.Probe)
			}
		}
		return anything(false)
	}
	object := &shape{object: true, unordered: true}
	if kind, ok := builtins()[e.GroupVersionKind()]; ok {
		object = ofType(kind.goType)
	}
	if e.List != nil {
		return &shape{form: formList, elem: object, unordered: true}
	}
	return object
}

// doneShape holds the tasks that have been passed. Their outputs are text, whatever it was.
func (l *exerciseLinter) doneShape() *shape {
	tasks := map[string]*shape{}
	for _, t := range l.spec.Tasks {
		values := map[string]*shape{"at": {form: formTimestamp}, "passed": {form: formBool}}
		for name := range maps.Keys(t.Outputs) {
			values[name] = &shape{form: formString}
		}
		tasks[t.Name] = &shape{form: formObject, complete: true, title: "done." + t.Name, fields: values}
	}
	return &shape{form: formObject, complete: true, title: "done", fields: tasks}
}

func (l *exerciseLinter) paramsShape() *shape {
	values := map[string]*shape{}
	for _, p := range l.spec.Params {
		values[p.Name] = &shape{form: formString, values: p.OneOf}
		if p.Range != nil {
			values[p.Name] = &shape{form: formNumber}
		}
	}
	return &shape{form: formObject, complete: true, title: "params", fields: values}
}
