package lint

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lab-operator/lab-operator/internal/params"
)

// checkUnused finds what is declared and never used. Where an expression does not compile, nobody knows what it uses.
func (l *exerciseLinter) checkUnused() {
	if len(l.topics) > 0 && !slices.ContainsFunc(l.topics, l.isListed) {
		l.report(ruleTopic, "metadata.name", "no topic lists this exercise: no lab can be started from it")
	}
	if !l.allCompile {
		return
	}
	var evidence, drawn []string
	var outputs [][2]string
	for _, e := range l.expressions {
		evidence = append(evidence, e.Evidence()...)
		drawn = append(drawn, e.Params()...)
		outputs = append(outputs, e.Outputs()...)
	}
	for _, t := range l.visibleTexts() {
		drawn = append(drawn, params.References(t.text)...)
	}
	for i, e := range l.spec.Evidence {
		if !slices.Contains(evidence, e.Name) {
			l.report(ruleUnused, fmt.Sprintf("spec.evidence[%d]", i), "no expression uses %s: take it out", e.Name)
		}
	}
	for i, p := range l.spec.Params {
		if !slices.Contains(drawn, p.Name) {
			l.report(ruleUnused, fmt.Sprintf("spec.params[%d]", i), "neither an expression nor a text uses %s: take it out", p.Name)
		}
	}
	for i, t := range l.spec.Tasks {
		for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
			if !slices.Contains(outputs, [2]string{t.Name, name}) {
				l.report(ruleUnused, fmt.Sprintf("spec.tasks[%d].outputs[%s]", i, name), "no expression uses done.%s.%s: take it out", t.Name, name)
			}
		}
	}
}

// checkListLimits finds lists whose author has not thought of how long they get.
func (l *exerciseLinter) checkListLimits() {
	for i, e := range l.spec.Evidence {
		field := fmt.Sprintf("spec.evidence[%d].list", i)
		if e.List != nil && !l.exercise.has(field+".limit") {
			l.report(ruleLimit, field, "write limit: how many there can be while a learner works, with room for slips; beyond it all that looks at %s is Pending", e.Name)
		}
	}
}
