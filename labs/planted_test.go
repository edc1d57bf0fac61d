package labs

import (
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
)

// planted is a mistake that an author can make.
type planted struct {
	exercise string
	plant    func(t *testing.T, e *everything, exercise *v1beta1.Exercise)
}

// inCheck writes something else into the expression of a check, whose spaces are normal.
func inCheck(exercise, task string, check int, old, now string) planted {
	return planted{exercise, func(t *testing.T, _ *everything, ex *v1beta1.Exercise) {
		t.Helper()
		demand := &taskIn(t, ex, task).Checks[check]
		demand.Expression = replaced(t, demand.Expression, old, now)
	}}
}

// inTask changes a task.
func inTask(exercise, task string, change func(*v1beta1.Task)) planted {
	return planted{exercise, func(t *testing.T, _ *everything, ex *v1beta1.Exercise) {
		t.Helper()
		change(taskIn(t, ex, task))
	}}
}

func taskIn(t *testing.T, exercise *v1beta1.Exercise, name string) *v1beta1.Task {
	t.Helper()
	for i := range exercise.Spec.Tasks {
		if exercise.Spec.Tasks[i].Name == name {
			return &exercise.Spec.Tasks[i]
		}
	}
	t.Fatalf("%s has no task %s", exercise.Name, name)
	return nil
}

func replaced(t *testing.T, text, old, now string) string {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in %s", old, text)
	}
	return strings.ReplaceAll(text, old, now)
}

// TestPlantedMistakesAreFound plants one mistake of each kind in an exercise. The recorded runs must tell, without a cluster.
func TestPlantedMistakesAreFound(t *testing.T) {
	const hpa, storage, cache, helm = "hpa-scaling", "container-storage", "cache-aside", "helm-release"
	for name, mistake := range map[string]planted{
		"a comparison is inverted":         inCheck(hpa, "requests", 0, ">= 0", "< 0"),
		"off by one":                       inCheck(hpa, "autoscaler", 4, "maxReplicas == 5", "maxReplicas == 4"),
		"a wrong field":                    inCheck(hpa, "requests", 2, "updatedReplicas", "updatedReplica"),
		"a wrong constant":                 inCheck(hpa, "autoscaler", 3, "== 50", "== 80"),
		"a wrong unit":                     inCheck(hpa, "requests", 0, "'50m'", "'50'"),
		"a wrong kind":                     inCheck(hpa, "autoscaler", 1, "'Deployment'", "'StatefulSet'"),
		"letters in another case":          inCheck(hpa, "requests", 1, "'Running'", "'running'"),
		"a field that is not always there": inCheck(hpa, "requests", 2, "web.status.?readyReplicas.orValue(0)", "web.status.readyReplicas.total"),
		"before in place of after":         inCheck(hpa, "scaleIn", 3, "> done.scaleOut.at", "< done.scaleOut.at"),
		"a negation is forgotten":          inCheck(storage, "replaced", 0, "!pods.exists(p, p.metadata.uid", "pods.exists(p, p.metadata.uid"),
		"all in place of exists":           inCheck(storage, "claim", 1, "book.json.entries.exists(e,", "book.json.entries.all(e,"),
		"exists in place of all":           inCheck(storage, "replaced", 1, "book.json.entries.all(e,", "book.json.entries.exists(e,"),
		"or in place of and":               inCheck(storage, "write", 0, "e.life == book.json.life && e.text", "e.life == book.json.life || e.text"),
		"a constant for what is drawn":     inCheck(storage, "write", 0, "params.word", "'no such word'"),
		"the output of another field":      inTask(storage, "write", func(task *v1beta1.Task) { task.Outputs["life"] = "book.json.pod" }),
		"a check that is always true": inTask(storage, "write", func(task *v1beta1.Task) {
			task.Checks = []v1beta1.Check{{Expression: "book.ok || !book.ok", Expected: "x"}}
		}),
		"a check is forgotten":                inTask(storage, "claim", func(task *v1beta1.Task) { task.Checks = task.Checks[:1] }),
		"a task that must hold to the end":    inTask(storage, "container", func(task *v1beta1.Task) { task.Mode = v1beta1.TaskContinuous }),
		"words that say something else":       inTask(storage, "claim", func(task *v1beta1.Task) { task.Checks[1].Observed = "'something is missing'" }),
		"a limit on the wrong side":           inCheck(cache, "before", 1, "p95Millis >= 240", "p95Millis <= 240"),
		"the end of a text for its beginning": inCheck(cache, "bounded", 1, ".startsWith('allkeys-')", ".endsWith('allkeys-')"),
		"a factor on the wrong side":          inCheck(cache, "fast", 1, "p95Millis * 2 <= int(done.before.p95)", "p95Millis <= int(done.before.p95) * 2"),
		"a version of another step":           inCheck(helm, "rollback", 1, "'1.0.0'", "'1.1.0'"),
		"a hold longer than anybody waits": inTask(helm, "install", func(task *v1beta1.Task) {
			task.HoldFor.Duration *= 100
		}),
		"a wrong number in the answer key": {hpa, func(t *testing.T, e *everything, _ *v1beta1.Exercise) {
			t.Helper()
			for i := range e.keys["kubernetes"].Spec.Answers {
				if answer := &e.keys["kubernetes"].Spec.Answers[i]; answer.Number != nil {
					answer.Number.Value += "0"
				}
			}
		}},
		"a wrong answer of the lab itself": {storage, func(t *testing.T, e *everything, _ *v1beta1.Exercise) {
			t.Helper()
			for i := range e.keys["docker"].Spec.Answers {
				if answer := &e.keys["docker"].Spec.Answers[i]; answer.Live != nil {
					answer.Live.Expression = "[dyn('never'), dyn(-1)]"
				}
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := load(t)
			wrong := all.exercises[mistake.exercise]
			mistake.plant(t, &all, wrong)
			pinned, err := all.compile(wrong)
			if err != nil {
				t.Logf("found before any run: %v", err)
				return
			}
			if by := foundBy(t, mistake.exercise, pinned); by == "" {
				t.Error("no recorded run tells")
			} else {
				t.Log("found by " + by)
			}
		})
	}
}

// foundBy names the first run that does not meet the contract any more.
func foundBy(t *testing.T, exercise string, pinned map[string]*catalog.Compiled) string {
	t.Helper()
	for _, script := range scripts(t, exercise) {
		if problems := readRun(t, exercise, script).problems(t.Context(), pinned); len(problems) > 0 {
			return script + ": " + problems[0]
		}
	}
	return ""
}
