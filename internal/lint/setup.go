package lint

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/client-go/kubernetes/scheme"
)

// strictly decodes objects of built-in kinds, and refuses what it does not know.
func strictly() runtime.Decoder {
	return json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Strict: true})
}

// unknownField is how the decoder says it.
var unknownField = regexp.MustCompile(`^unknown field "(.+)"$`)

// checkSetup decodes the objects of the setup, and looks whether the lab's guardrails let them run.
func (l *exerciseLinter) checkSetup() {
	decoder := strictly()
	var workloads []workload
	var objects []runtime.Object
	var all []setupItem
	for i, raw := range l.spec.Setup {
		field := fmt.Sprintf("spec.setup[%d]", i)
		generic := setupObject(l.exercise.object, field)
		if generic == nil {
			continue
		}
		kind, ok := builtins()[generic.GroupVersionKind()]
		if !ok {
			continue
		}
		object, _, err := decoder.Decode(raw.Raw, nil, nil)
		if strict, ok := runtime.AsStrictDecodingError(err); ok {
			for _, err := range strict.Errors() {
				l.reportUnknownField(field, kind, err)
			}
		} else if err != nil {
			l.report(ruleField, field, "is no %s: %s", generic.GetKind(), strings.TrimPrefix(err.Error(), "json: "))
			continue
		}
		objects, all = append(objects, object), append(all, setupItem{field: field, object: object})
		if w, ok := workloadOf(field, object); ok {
			workloads = append(workloads, w)
		}
	}
	l.checkPodSecurity(workloads)
	l.checkQuota(workloads, objects)
	l.checkProtection(all, workloads)
}

// reportUnknownField names the nearest field that there is.
func (l *exerciseLinter) reportUnknownField(field string, kind builtin, err error) {
	match := unknownField.FindStringSubmatch(err.Error())
	if match == nil {
		l.report(ruleField, field, "%v", err)
		return
	}
	of := ofType(kind.goType)
	steps := fieldSteps(match[1])
	for _, step := range steps[:len(steps)-1] {
		if of.form == formList && step.bracket {
			of = of.elem
			continue
		}
		of, _, _ = of.field(step.text)
	}
	name := steps[len(steps)-1].text
	l.report(ruleField, joinField(field, match[1]), "%s has no field %s%s", titleOf(of), name, suggestion(name, of.names()))
}
