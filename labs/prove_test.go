//go:build prove

package labs

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
)

// unprovenFile says by exercise how many parts no recorded near miss needs. The numbers may only become smaller.
const unprovenFile = "testdata/unproven.yaml"

// dependsOn begins the text of a part that is a task before.
const dependsOn = "dependsOn "

// part is something that a task demands: a part of a check, a time for which it must hold, or a task before it.
type part struct {
	task string
	text string
	drop func(*v1beta1.Task)
}

// TestEveryPartIsNecessary drops each part of each task, one at a time: then some near miss of that task must pass. A part that
// nobody would miss is either of no use, or lacks the near miss that shows its use.
func TestEveryPartIsNecessary(t *testing.T) {
	data, err := os.ReadFile(unprovenFile)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]int{}
	if err := yaml.UnmarshalStrict(data, &known); err != nil {
		t.Fatal(err)
	}
	all := load(t)
	exercises := slices.Sorted(maps.Keys(all.exercises))
	rows := make([]string, len(exercises))
	t.Run("of", func(t *testing.T) {
		for i, exercise := range exercises {
			t.Run(exercise, func(t *testing.T) {
				t.Parallel()
				parts := partsOf(t, &all.exercises[exercise].Spec)
				misses := nearMisses(t, exercise)
				var unproven []string
				for _, p := range parts {
					if by := all.passesWithout(t, exercise, p, misses[p.task]); by != "" {
						t.Logf("task %s, %s: needed against %s", p.task, p.text, by)
					} else {
						unproven = append(unproven, "task "+p.task+", "+p.text)
					}
				}
				proven := len(parts) - len(unproven)
				rows[i] = fmt.Sprintf("%s\t%d\t%d\t%d %%", exercise, proven, len(parts), 100*proven/len(parts))
				switch said := known[exercise]; {
				case len(unproven) > said:
					t.Errorf("%d parts are needed against no near miss, and %s says %d. Add near misses that lack just one of them, or drop it:\n%s",
						len(unproven), unprovenFile, said, strings.Join(unproven, "\n"))
				case len(unproven) < said:
					t.Errorf("%d parts are needed against no near miss: lower the number in %s, which says %d", len(unproven), unprovenFile, said)
				default:
					t.Logf("needed against no near miss:\n%s", strings.Join(unproven, "\n"))
				}
			})
		}
	})
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "EXERCISE\tPROVEN\tPARTS\tSHARE\n%s\n", strings.Join(rows, "\n"))
	_ = w.Flush() // a strings.Builder does not fail
	t.Log("\n" + table.String())
}

// partsOf lists what the tasks of an exercise demand.
func partsOf(t *testing.T, spec *v1beta1.ExerciseSpec) []part {
	t.Helper()
	inspector := check.Inspect(spec)
	var parts []part
	for _, task := range spec.Tasks {
		for i, demand := range task.Checks {
			conjuncts, err := inspector.Conjuncts(demand.Expression)
			if err != nil {
				t.Fatalf("task %s, check %d: %v", task.Name, i+1, err)
			}
			for n, text := range conjuncts {
				without := slices.Clone(conjuncts)
				without[n] = "true"
				parts = append(parts, part{task.Name, fmt.Sprintf("check %d: %s", i+1, strings.Join(strings.Fields(text), " ")), func(task *v1beta1.Task) {
					task.Checks[i].Expression = "(" + strings.Join(without, ") && (") + ")"
				}})
			}
		}
		if task.HoldFor != nil {
			parts = append(parts, part{task.Name, "holdFor " + task.HoldFor.Duration.String(), func(task *v1beta1.Task) { task.HoldFor = nil }})
		}
		for i, before := range task.DependsOn {
			parts = append(parts, part{task.Name, dependsOn + before, func(task *v1beta1.Task) {
				task.DependsOn = slices.Delete(slices.Clone(task.DependsOn), i, i+1)
			}})
		}
	}
	return parts
}

// nearMisses are the runs of the near misses of an exercise, by the task that they leave open.
func nearMisses(t *testing.T, exercise string) map[string][]*run {
	t.Helper()
	misses := map[string][]*run{}
	for _, script := range scripts(t, exercise) {
		if !strings.HasPrefix(script, "mutants/") {
			continue
		}
		r := readRun(t, exercise, script)
		task := r.claims()["task"]
		misses[task] = append(misses[task], r)
	}
	return misses
}

// passesWithout names a near miss that passes its task where a part of it is dropped, if there is one.
func (e *everything) passesWithout(t *testing.T, exercise string, p part, misses []*run) string {
	t.Helper()
	weaker := e.exercises[exercise].DeepCopy()
	for i := range weaker.Spec.Tasks {
		if weaker.Spec.Tasks[i].Name == p.task {
			p.drop(&weaker.Spec.Tasks[i])
		}
	}
	compiled, err := e.compile(weaker)
	if err != nil {
		if !strings.HasPrefix(p.text, dependsOn) {
			t.Fatalf("without %s: %v", p.text, err)
		}
		return "an expression about the task before, which does not compile without it"
	}
	for _, r := range misses {
		if r.passes(t, compiled[r.recorded.Head.Topic], p.task) {
			return r.recorded.Head.Script
		}
	}
	return ""
}

// passes tells whether a task is passed in a run. What the exercise reads from evidence that was not recorded is at fault, and
// passes nothing.
func (r *run) passes(t *testing.T, pinned *catalog.Compiled, task string) bool {
	t.Helper()
	r.pinned = pinned
	found := false
	_ = r.play(t.Context(), func(_ time.Time, status *v1beta1.LabStatus, _ bool) {
		found = found || !passed(status, task).IsZero()
	})
	return found
}
