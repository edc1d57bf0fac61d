package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestCompileTellsTheAuthor(t *testing.T) {
	tests := map[string]struct {
		spec *v1beta1.ExerciseSpec
		want []Problem
	}{
		"no syntax": {
			spec: spec(aTask("a", "web.spec.replicas ==")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "does not compile: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', " +
				"'-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER} (at column 21)"}},
		},
		"evidence that is not declared": {
			spec: spec(aTask("a", "db.spec.replicas == 2")),
			want: []Problem{{"spec.tasks[0].checks[0].expression",
				"does not compile: db is neither evidence nor a function: there is hpa, pods, secret, web, lab, now and done (at column 1)"}},
		},
		"a type that does not fit": {
			spec: spec(aTask("a", "lab.name == 'x' && 1 + true == 2")),
			want: []Problem{{"spec.tasks[0].checks[0].expression",
				"does not compile: found no matching overload for '_+_' applied to '(int, bool)' (at column 22)"}},
		},
		"no bool": {
			spec: spec(aTask("a", "'yes'"), aTask("b", "size(pods)")),
			want: []Problem{
				{"spec.tasks[0].checks[0].expression", "returns string: it must return a bool"},
				{"spec.tasks[1].checks[0].expression", "returns int: it must return a bool"},
			},
		},
		"an optional bool is no bool": {
			spec: spec(aTask("a", "optional.of(true)")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "returns optional_type(bool): it must return a bool"}},
		},
		"empty": {
			spec: spec(aTask("a", " ")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "is empty: write an expression"}},
		},
		"too long": {
			spec: spec(aTask("a", "'"+strings.Repeat("x", 2050)+"' == ''")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "has 2058 characters: write it in at most 2048"}},
		},
		"observed that returns no text": {
			spec: spec(v1beta1.Task{Name: "a", Checks: []v1beta1.Check{{Expression: "true", Expected: "n", Observed: "size(pods)"}}}),
			want: []Problem{{"spec.tasks[0].checks[0].observed", "returns int: it must return a string"}},
		},
		"output that returns no single value": {
			spec: spec(withOutput(aTask("a", "true"), "all", "pods.map(p, p.metadata.name)")),
			want: []Problem{{"spec.tasks[0].outputs[all]", "returns list(dyn): it must return a text, a number, a bool, a timestamp or a duration"}},
		},
		"output that is too long": {
			spec: spec(withOutput(aTask("a", "true"), "x", "'"+strings.Repeat("x", 520)+"'")),
			want: []Problem{{"spec.tasks[0].outputs[x]", "has 522 characters: write it in at most 512"}},
		},
		"names of outputs that are taken or no names": {
			spec: spec(withOutput(withOutput(aTask("a", "true"), "at", "'x'"), "hpa-uid", "'x'")),
			want: []Problem{
				{"spec.tasks[0].outputs[at]", `"at" cannot be the name of an output: write a lower-case letter, then at most 30 letters and digits; at and passed are taken`},
				{"spec.tasks[0].outputs[hpa-uid]", `"hpa-uid" cannot be the name of an output: write a lower-case letter, then at most 30 letters and digits; at and passed are taken`},
			},
		},
		"two tasks of one name": {
			spec: spec(aTask("a", "true"), aTask("a", "true")),
			want: []Problem{{"spec.tasks[1].name", "another task is named a: each needs a name of its own"}},
		},
		"a task without a good name": {
			spec: spec(aTask("A-1", "true")),
			want: []Problem{{"spec.tasks[0].name", `"A-1" is no name of a task: write a lower-case letter, then at most 30 letters and digits`}},
		},
		"waits for a task that is not there": {
			spec: spec(dependingOn(aTask("a", "true"), "c"), aTask("b", "true")),
			want: []Problem{{"spec.tasks[0].dependsOn[0]", "the exercise has no task c: it has a and b"}},
		},
		"tasks that wait for each other": {
			spec: spec(aTask("z", "true"), dependingOn(aTask("a", "true"), "c"), dependingOn(aTask("b", "true"), "a"), dependingOn(aTask("c", "true"), "b")),
			want: []Problem{{"spec.tasks[1].dependsOn", "these tasks wait for each other and would never open: a, b, c"}},
		},
		"a task that waits for itself": {
			spec: spec(dependingOn(aTask("a", "true"), "a")),
			want: []Problem{{"spec.tasks[0].dependsOn", "these tasks wait for each other and would never open: a"}},
		},
		"done of a task that is not there": {
			spec: spec(aTask("a", "done.z.passed")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses done.z: the exercise has no task z"}},
		},
		"done of a task that may not have passed": {
			spec: spec(withOutput(aTask("a", "true"), "uid", "web.metadata.uid"), aTask("b", "done.a.uid == 'x'")),
			want: []Problem{{"spec.tasks[1].checks[0].expression", "uses done.a: add it to spec.tasks[1].dependsOn, so that it has been passed by then"}},
		},
		"done of the task itself": {
			spec: spec(aTask("a", "done.a.passed")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses done.a: add it to spec.tasks[0].dependsOn, so that it has been passed by then"}},
		},
		"done of what is no output": {
			spec: spec(withOutput(aTask("a", "true"), "uid", "web.metadata.uid"), dependingOn(aTask("b", "done.a.name == 'x'"), "a")),
			want: []Problem{{"spec.tasks[1].checks[0].expression", "uses done.a.name: task a has uid, at and passed"}},
		},
		"done as a whole": {
			spec: spec(aTask("a", "true"), dependingOn(aTask("b", "'a' in done"), "a"), dependingOn(aTask("c", "size(done.a) > 0"), "a")),
			want: []Problem{
				{"spec.tasks[1].checks[0].expression", "uses done: write done.<task>.<name>, with the task by its name"},
				{"spec.tasks[2].checks[0].expression", "uses done.a: write done.a.<name>"},
			},
		},
		"done in a macro is checked as well": {
			spec: spec(aTask("a", "true"), aTask("b", "pods.all(p, p.metadata.uid != done['a'].uid)")),
			want: []Problem{{"spec.tasks[1].checks[0].expression", "uses done.a: add it to spec.tasks[1].dependsOn, so that it has been passed by then"}},
		},
		"a field that the lab does not have": {
			spec: spec(aTask("a", "lab.owner == 'x'")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "uses lab: there is lab.name, lab.namespace and lab.startedAt"}},
		},
		"evidence with the names of others": {
			spec: &v1beta1.ExerciseSpec{Tasks: []v1beta1.Task{aTask("a", "true")}, Evidence: []v1beta1.Evidence{
				list("pods", "v1", "Pod"), list("pods", "v1", "Pod"), list("done", "v1", "Pod"), list("params", "v1", "Pod"),
				list("for", "v1", "Pod"), list("true", "v1", "Pod"), list("namespace", "v1", "Pod"), list("Web", "v1", "Pod"),
			}},
			want: []Problem{
				{"spec.evidence[1].name", "other evidence is named pods: each needs a name of its own"},
				{"spec.evidence[2].name", "done is a word of the language: choose another name"},
				{"spec.evidence[3].name", "params is a word of the language: choose another name"},
				{"spec.evidence[4].name", "for is a word of the language: choose another name"},
				{"spec.evidence[5].name", "true is a word of the language: choose another name"},
				{"spec.evidence[6].name", "namespace is a word of the language: choose another name"},
				{"spec.evidence[7].name", `"Web" is no name of evidence: write a lower-case letter, then at most 30 letters and digits`},
			},
		},
		"evidence that looks at nothing": {
			spec: &v1beta1.ExerciseSpec{Tasks: []v1beta1.Task{aTask("a", "true")}, Evidence: []v1beta1.Evidence{
				{Name: "a"}, {Name: "b", Object: &v1beta1.ObjectEvidence{APIVersion: "v1", Kind: "Pod", Name: "x"}, List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod"}},
				object("c", "a/b/c", "Pod", "x"), object("d", "v1", "", "x"), object("e", "v1", "Pod", ""),
			}},
			want: []Problem{
				{"spec.evidence[0]", "must have exactly one of object, list and probe"},
				{"spec.evidence[1]", "must have exactly one of object, list and probe"},
				{"spec.evidence[2]", `apiVersion "a/b/c" and kind "Pod" name no kind: write them as in autoscaling/v2 and HorizontalPodAutoscaler`},
				{"spec.evidence[3]", `apiVersion "v1" and kind "" name no kind: write them as in autoscaling/v2 and HorizontalPodAutoscaler`},
				{"spec.evidence[4]", "names no object: give object a name, or use list"},
			},
		},
		"readyWhen knows no task": {
			spec: func() *v1beta1.ExerciseSpec {
				s := spec(aTask("a", "true"))
				s.ReadyWhen = []v1beta1.Check{{Expression: "done.a.passed", Expected: "n"}}
				return s
			}(),
			want: []Problem{{"spec.readyWhen[0].expression", "uses done.a: readyWhen is looked at before any task"}},
		},
		"costs too much whatever there is": {
			spec: spec(aTask("a", "lists.range(2000).all(a, lists.range(2000).all(b, a + b >= 0))")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "costs too much even on a handful of small objects: use fewer nested macros or shorter lists"}},
		},
		"costs too much where only a trial can tell": {
			spec: spec(aTask("a", "lists.range(size(pods) + 900000).all(a, a >= 0)")),
			want: []Problem{{"spec.tasks[0].checks[0].expression", "costs too much even on a handful of small objects: use fewer nested macros or shorter lists"}},
		},
		"every problem is told at once": {
			spec: spec(dependingOn(aTask("a", "1", "2"), "x"), withOutput(aTask("b", "nope"), "y", "[1]")),
			want: []Problem{
				{"spec.tasks[0].dependsOn[0]", "the exercise has no task x: it has a and b"},
				{"spec.tasks[0].checks[0].expression", "returns int: it must return a bool"},
				{"spec.tasks[0].checks[1].expression", "returns int: it must return a bool"},
				{"spec.tasks[1].checks[0].expression", "does not compile: nope is neither evidence nor a function: there is hpa, pods, secret, web, lab, now and done (at column 1)"},
				{"spec.tasks[1].outputs[y]", "returns list(int): it must return a text, a number, a bool, a timestamp or a duration"},
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			e, got := Compile(tc.spec)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if e != nil {
				t.Error("an exercise with problems was compiled")
			}
		})
	}
}

func TestCompileAcceptsWhatIsLegitimate(t *testing.T) {
	expressions := []string{
		"web.spec.enabled", // dynamically typed: its value tells
		"pods.filter(p, p.status.phase == 'Running').map(p, p.metadata.name).exists_one(n, n.startsWith('web'))",
		"lists.range(size(pods)).all(i, pods[i].metadata.name != '')",
		"pods.all(a, pods.all(b, a.metadata.name == b.metadata.name || a.spec.containers.all(c, b.spec.containers.exists(d, d.image == c.image))))",
		"web.spec.template.spec.containers[0].image.matches('^registry/[a-z0-9./-]+:v[0-9]+$')",
		"web.metadata.labels.exists(k, k == 'app' && web.metadata.labels[k] == 'web')",
		"web.metadata.labels.all(k, v, k != v)",
		"hpa.spec.?metrics[?0].?resource.?target.?averageUtilization.orValue(0) == 50",
		"isQuantity(container(web, 'web').resources.limits.cpu) && quantity('1').isGreaterThan(quantity(container(web, 'web').resources.limits.cpu))",
		"hpa.status.conditions.exists(c, c.type == 'ScalingActive' && c.status == 'True')",
		"type(hpa.spec.maxReplicas) == int",
		"duration('1h') > now - timestamp(hpa.status.lastScaleTime)",
		"'%s-%d'.format([lab.name, size(pods)]) == 'hpa-2'",
	}
	mustCompile(t, spec(aTask("a", expressions...)))
}

func TestDoneReachesBackOverSeveralTasks(t *testing.T) {
	mustCompile(t, spec(
		dependingOn(aTask("c", "done.a.uid != '' && done.b.at > done['a'].at"), "b"),
		withOutput(aTask("a", "true"), "uid", "web.metadata.uid"),
		dependingOn(aTask("b", "true"), "a"),
	))
}

// TestCompileIsRepeatable guards against problems in the order of a map.
func TestCompileIsRepeatable(t *testing.T) {
	bad := aTask("a", "true")
	for _, name := range []string{"a-1", "b-1", "c-1", "d-1", "e-1", "f-1"} {
		bad = withOutput(bad, name, "1 +")
	}
	_, first := Compile(spec(bad))
	for range 20 {
		if _, again := Compile(spec(bad)); !slices.Equal(first, again) {
			t.Fatalf("problems differ:\n%s", cmp.Diff(first, again))
		}
	}
}

func TestCompileIsFast(t *testing.T) {
	var tasks []v1beta1.Task
	for i := range 12 {
		tasks = append(tasks, aTask("t"+string(rune('a'+i)), slices.Repeat([]string{"pods.all(p, p.status.phase == 'Running')"}, 16)...))
	}
	begin := time.Now()
	mustCompile(t, spec(tasks...))
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the largest exercise takes %v to compile", took)
	}
}
