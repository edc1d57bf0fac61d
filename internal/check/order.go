package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// arrange finds in which order tasks open, and what has been passed by then.
func (b *builder) arrange(spec *v1beta1.ExerciseSpec) {
	index := map[string]int{}
	for i, t := range spec.Tasks {
		index[t.Name] = i
	}
	for i, t := range spec.Tasks {
		for j, name := range t.DependsOn {
			if _, ok := index[name]; !ok {
				b.problem(fmt.Sprintf("spec.tasks[%d].dependsOn[%d]", i, j), "the exercise has no task %s: it has %s", name, taskNames(spec))
			}
		}
	}
	b.before = map[string]map[string]bool{}
	for placed := true; placed; {
		placed = false
		for i, t := range spec.Tasks {
			if b.before[t.Name] != nil || !b.placeable(t, index) {
				continue
			}
			before := map[string]bool{}
			for _, name := range t.DependsOn {
				before[name] = true
				for earlier := range b.before[name] {
					before[earlier] = true
				}
			}
			b.before[t.Name] = before
			b.exercise.order = append(b.exercise.order, i)
			placed = true
		}
	}
	var circle []string
	for _, t := range spec.Tasks {
		if b.before[t.Name] == nil {
			circle = append(circle, t.Name)
		}
	}
	if len(circle) > 0 {
		b.problem(fmt.Sprintf("spec.tasks[%d].dependsOn", index[circle[0]]), "these tasks wait for each other and would never open: %s",
			strings.Join(circle, ", "))
	}
}

// placeable tells whether all tasks that t waits for have their place. Unknown ones, reported elsewhere, do not count.
func (b *builder) placeable(t v1beta1.Task, index map[string]int) bool {
	return !slices.ContainsFunc(t.DependsOn, func(name string) bool {
		_, known := index[name]
		return known && b.before[name] == nil
	})
}

func taskNames(spec *v1beta1.ExerciseSpec) string {
	names := make([]string, 0, len(spec.Tasks))
	for _, t := range spec.Tasks {
		names = append(names, t.Name)
	}
	return listOf(names)
}
