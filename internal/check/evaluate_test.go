package check

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	yes = "web.spec.replicas == 2"
	no  = "web.spec.replicas == 7"
)

func TestOrder(t *testing.T) {
	tests := map[string]struct {
		tasks         []v1beta1.Task
		before        []TaskState
		want          map[string]v1beta1.TaskState
		wantCompleted bool
	}{
		"a task is locked until those before it have passed": {
			tasks: []v1beta1.Task{aTask("a", no), dependingOn(aTask("b", yes), "a")},
			want:  map[string]v1beta1.TaskState{"a": v1beta1.TaskPending, "b": v1beta1.TaskLocked},
		},
		"a pass opens later tasks in the same evaluation": {
			tasks:         []v1beta1.Task{aTask("a", yes), dependingOn(aTask("b", yes), "a"), dependingOn(aTask("c", yes), "b")},
			want:          map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed, "b": v1beta1.TaskPassed, "c": v1beta1.TaskPassed},
			wantCompleted: true,
		},
		"tasks may wait for one that is listed later": {
			tasks:         []v1beta1.Task{dependingOn(aTask("a", yes), "b"), aTask("b", yes)},
			want:          map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed, "b": v1beta1.TaskPassed},
			wantCompleted: true,
		},
		"all tasks before it must have passed": {
			tasks: []v1beta1.Task{aTask("a", yes), aTask("b", no), dependingOn(aTask("c", yes), "a", "b")},
			want:  map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed, "b": v1beta1.TaskPending, "c": v1beta1.TaskLocked},
		},
		"a passed task stays passed though it does not hold any more": {
			tasks:         []v1beta1.Task{aTask("a", no)},
			before:        []TaskState{{Name: "a", OpenedAt: start, PassedAt: start.Add(time.Minute)}},
			want:          map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed},
			wantCompleted: true,
		},
		"a passed task stays passed though the task before it is not": {
			tasks:  []v1beta1.Task{aTask("a", no), dependingOn(aTask("b", yes), "a")},
			before: []TaskState{{Name: "b", OpenedAt: start, PassedAt: start}},
			want:   map[string]v1beta1.TaskState{"a": v1beta1.TaskPending, "b": v1beta1.TaskPassed},
		},
		"a continuous task has to hold now": {
			tasks:  []v1beta1.Task{aTask("a", yes), continuous(aTask("b", no))},
			before: []TaskState{{Name: "b", OpenedAt: start, PassedAt: start}},
			want:   map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed, "b": v1beta1.TaskPending},
		},
		"a continuous task that holds completes": {
			tasks:         []v1beta1.Task{aTask("a", yes), continuous(aTask("b", yes))},
			want:          map[string]v1beta1.TaskState{"a": v1beta1.TaskPassed, "b": v1beta1.TaskPassed},
			wantCompleted: true,
		},
		"a continuous task that has ever passed keeps later tasks open": {
			tasks:  []v1beta1.Task{continuous(aTask("a", no)), dependingOn(aTask("b", yes), "a")},
			before: []TaskState{{Name: "a", OpenedAt: start, PassedAt: start}},
			want:   map[string]v1beta1.TaskState{"a": v1beta1.TaskPending, "b": v1beta1.TaskPassed},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Tasks = tc.before
			got := evaluate(t, mustCompile(t, spec(tc.tasks...)), in)
			if diff := cmp.Diff(tc.want, states(got)); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if got.Completed != tc.wantCompleted {
				t.Errorf("Completed is %v, want %v", got.Completed, tc.wantCompleted)
			}
			for i, task := range tc.tasks {
				if got.Tasks[i].Name != task.Name {
					t.Errorf("result %d is of task %s, want %s", i, got.Tasks[i].Name, task.Name)
				}
				if locked := got.Tasks[i].State == v1beta1.TaskLocked; locked && (got.Tasks[i].Checks != nil || !got.Tasks[i].OpenedAt.IsZero()) {
					t.Errorf("locked task %s shows %+v", task.Name, got.Tasks[i])
				}
			}
		})
	}
}

func TestALatchedTaskIsNotLookedAt(t *testing.T) {
	// The expression is the author's fault: it would be an Error if it ran.
	e := mustCompile(t, spec(withOutput(aTask("a", "web.spec.replicas"), "uid", "web.metadata.uid")))
	in := input()
	passed := TaskState{Name: "a", OpenedAt: start, PassedAt: start.Add(time.Minute), Outputs: map[string]string{"uid": "old"}}
	in.Tasks = []TaskState{passed}
	got := evaluate(t, e, in)
	want := TaskResult{Name: "a", State: v1beta1.TaskPassed, OpenedAt: passed.OpenedAt, PassedAt: passed.PassedAt, Outputs: passed.Outputs}
	if diff := cmp.Diff(want, got.Tasks[0]); diff != "" || got.Faults != nil {
		t.Errorf("task (-want +got):\n%s\nfaults %v", diff, got.Faults)
	}
}

func TestTimesAreFullSeconds(t *testing.T) {
	e := mustCompile(t, spec(aTask("a", yes)))
	in := input()
	in.Now = start.Add(90*time.Second + 123456789)
	got := evaluate(t, e, in).Tasks[0]
	want := start.Add(90 * time.Second)
	if !got.OpenedAt.Equal(want) || !got.PassedAt.Equal(want) {
		t.Errorf("opened %v and passed %v, want %v", got.OpenedAt, got.PassedAt, want)
	}
}

func TestOpenedAtIsKept(t *testing.T) {
	e := mustCompile(t, spec(aTask("a", no)))
	in := input()
	first := evaluate(t, e, in)
	second := evaluate(t, e, next(in, first, time.Hour))
	if !first.Tasks[0].OpenedAt.Equal(in.Now) || !second.Tasks[0].OpenedAt.Equal(in.Now) {
		t.Errorf("opened at %v, then %v, want %v", first.Tasks[0].OpenedAt, second.Tasks[0].OpenedAt, in.Now)
	}
}

func TestHold(t *testing.T) {
	e := mustCompile(t, spec(holding(aTask("a", yes), 10*time.Second)))
	in := input()

	r := evaluate(t, e, in)
	if r.Tasks[0].State != v1beta1.TaskPending || r.Recheck != 10*time.Second || !r.Holds["a"].Equal(in.Now) {
		t.Fatalf("at first: %+v", r)
	}
	wantChecks := []v1beta1.CheckResult{
		{Expected: "expected", State: v1beta1.CheckPassed},
		{Expected: "this stays so for 10s", Observed: "it is so now: leave it as it is", State: v1beta1.CheckPending},
	}
	if diff := cmp.Diff(wantChecks, r.Tasks[0].Checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}

	in = next(in, r, 9*time.Second)
	r = evaluate(t, e, in)
	if r.Tasks[0].State != v1beta1.TaskPending || r.Recheck != time.Second {
		t.Fatalf("after 9s: %+v", r)
	}
	in = next(in, r, time.Second)
	r = evaluate(t, e, in)
	if r.Tasks[0].State != v1beta1.TaskPassed || len(r.Holds) != 0 || r.Recheck != 0 || !r.Completed {
		t.Fatalf("after 10s: %+v", r)
	}
}

func TestAGapRestartsAHold(t *testing.T) {
	gaps := map[string]func(*Input){
		"it was false": func(in *Input) {
			in.Evidence["web"].Value.(map[string]any)["spec"] = map[string]any{"replicas": int64(7)}
		},
		"it was not looked at":     func(in *Input) { delete(in.Evidence, "web") },
		"it could not be read":     func(in *Input) { in.Evidence["web"] = Observation{State: Failed} },
		"the operator was away":    func(in *Input) { in.Holds = nil },
		"the clock was set back":   func(in *Input) { in.Now = in.Now.Add(-time.Hour) },
		"the object was not there": func(in *Input) { in.Evidence["web"] = Observation{State: Missing} },
	}
	for name, gap := range gaps {
		t.Run(name, func(t *testing.T) {
			e := mustCompile(t, spec(holding(aTask("a", yes), 10*time.Second)))
			in := input()
			r := evaluate(t, e, in)
			in = next(in, r, 5*time.Second)
			gap(&in)
			r = evaluate(t, e, in)
			in = next(in, r, 6*time.Second)
			in.Evidence = snapshot()
			r = evaluate(t, e, in)
			if r.Tasks[0].State != v1beta1.TaskPending {
				t.Fatalf("passed over a gap: %+v", r)
			}
			for range 2 {
				in = next(in, r, 5*time.Second)
				r = evaluate(t, e, in)
			}
			if r.Tasks[0].State != v1beta1.TaskPassed {
				t.Errorf("never passed: %+v", r)
			}
		})
	}
}

func TestAContinuousTaskHoldsAgainAfterAGap(t *testing.T) {
	e := mustCompile(t, spec(continuous(holding(aTask("a", yes), 10*time.Second)), aTask("b", no)))
	in := input()
	r := evaluate(t, e, in)
	in = next(in, r, 10*time.Second)
	r = evaluate(t, e, in)
	firstPass := r.Tasks[0].PassedAt
	if r.Tasks[0].State != v1beta1.TaskPassed || !firstPass.Equal(in.Now) || r.Holds["a"].IsZero() {
		t.Fatalf("after the hold: %+v", r)
	}
	in = next(in, r, time.Minute)
	if r = evaluate(t, e, in); r.Tasks[0].State != v1beta1.TaskPassed {
		t.Fatalf("while it holds: %+v", r)
	}
	in = next(in, r, time.Minute)
	in.Holds = nil
	r = evaluate(t, e, in)
	if r.Tasks[0].State != v1beta1.TaskPending || !r.Tasks[0].PassedAt.Equal(firstPass) {
		t.Fatalf("after a gap: %+v", r)
	}
}

func TestDone(t *testing.T) {
	first := withOutput(withOutput(aTask("first", yes), "uid", "hpa.metadata.uid"), "replicas", "web.spec.replicas")
	e := mustCompile(t, spec(first, dependingOn(aTask("second",
		"done.first.uid == 'u-2' && done.first.replicas == '2'",
		"done.first.passed && done.first.at == timestamp('2026-03-01T10:10:00Z') && done.first.at <= now",
	), "first")))
	in := input()
	in.Now = in.Now.Add(700 * time.Millisecond)
	same := evaluate(t, e, in)
	if diff := cmp.Diff(map[string]v1beta1.TaskState{"first": v1beta1.TaskPassed, "second": v1beta1.TaskPassed}, states(same)); diff != "" {
		t.Fatalf("in the evaluation of the pass (-want +got):\n%s\n%+v", diff, same)
	}
	if diff := cmp.Diff(map[string]string{"uid": "u-2", "replicas": "2"}, same.Tasks[0].Outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	// From the status it is the same, whatever the objects are now.
	later := next(in, same, time.Hour)
	later.Tasks = later.Tasks[:1]
	later.Evidence["hpa"] = Observation{State: Missing}
	if got := evaluate(t, e, later); got.Tasks[1].State != v1beta1.TaskPassed {
		t.Errorf("in a later evaluation: %+v", got.Tasks[1])
	}
}

func TestOutputs(t *testing.T) {
	tests := map[string]struct {
		expression   string
		change       func(Snapshot)
		want         string
		wantState    v1beta1.TaskState
		wantObserved string
	}{
		"a text":                       {expression: "hpa.metadata.uid", want: "u-2"},
		"a whole number":               {expression: "hpa.spec.maxReplicas", want: "5"},
		"a decimal":                    {expression: "hpa.status.ratio", want: "0.5"},
		"a bool":                       {expression: "size(pods) == 2", want: "true"},
		"a timestamp":                  {expression: "timestamp(hpa.status.lastScaleTime)", want: "2026-03-01T10:05:00Z"},
		"a duration":                   {expression: "now - timestamp(hpa.status.lastScaleTime)", want: "5m0s"},
		"an optional with a value":     {expression: "hpa.spec.?maxReplicas", want: "5"},
		"an optional without a value":  {expression: "hpa.spec.?behavior", wantState: v1beta1.TaskPending, wantObserved: "there is no value yet"},
		"null":                         {expression: "web.spec.paused", wantState: v1beta1.TaskPending, wantObserved: "there is no value yet"},
		"a field that is not set":      {expression: "hpa.spec.behavior.scaleDown", wantState: v1beta1.TaskPending, wantObserved: "the field spec.behavior of HorizontalPodAutoscaler web is not set"},
		"a map is the author's fault":  {expression: "hpa.spec", wantState: v1beta1.TaskError, wantObserved: "output x of task a returned map where it must return a single value: correct its expression"},
		"a list is the author's fault": {expression: "hpa.status.conditions", wantState: v1beta1.TaskError, wantObserved: "output x of task a returned list where it must return a single value: correct its expression"},
		"an object that is missing": {
			expression: "hpa.metadata.uid", wantState: v1beta1.TaskPending, wantObserved: "there is no HorizontalPodAutoscaler named web",
			change: func(s Snapshot) { s["hpa"] = Observation{State: Missing} },
		},
		"an object that was not looked at": {
			expression: "hpa.metadata.uid", wantState: v1beta1.TaskPending, wantObserved: "not looked at yet",
			change: func(s Snapshot) { s["hpa"] = Observation{} },
		},
		"a text that is too long": {
			expression: "web.metadata.annotations['a/b']", wantState: v1beta1.TaskPending, wantObserved: "the value has more than 256 characters",
			change: func(s Snapshot) {
				s["web"].Value.(map[string]any)["metadata"].(map[string]any)["annotations"] = map[string]any{"a/b": strings.Repeat("ä", 257)}
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			if tc.change != nil {
				tc.change(in.Evidence)
			}
			got := evaluate(t, mustCompile(t, spec(withOutput(aTask("a", yes), "x", tc.expression))), in).Tasks[0]
			if tc.wantState == "" {
				if diff := cmp.Diff(map[string]string{"x": tc.want}, got.Outputs); diff != "" || got.State != v1beta1.TaskPassed {
					t.Errorf("task is %s, outputs (-want +got):\n%s", got.State, diff)
				}
				return
			}
			want := []v1beta1.CheckResult{
				{Expected: "expected", State: v1beta1.CheckPassed},
				{Expected: "x can be read, to be compared later", Observed: tc.wantObserved, State: v1beta1.CheckState(tc.wantState)},
			}
			if diff := cmp.Diff(want, got.Checks); diff != "" || got.State != tc.wantState || !got.PassedAt.IsZero() || got.Outputs != nil {
				t.Errorf("task is %s, passed %v, outputs %v, checks (-want +got):\n%s", got.State, got.PassedAt, got.Outputs, diff)
			}
		})
	}
}

func TestResultsFitTheStatus(t *testing.T) {
	expressions := make([]string, ResultsPerTask)
	for i := range expressions {
		expressions[i] = yes
	}
	got := evaluate(t, mustCompile(t, spec(holding(aTask("a", expressions...), time.Minute))), input()).Tasks[0]
	if len(got.Checks) != ResultsPerTask || got.Checks[ResultsPerTask-1].State != v1beta1.CheckPending {
		t.Errorf("%d results, the last %+v", len(got.Checks), got.Checks[len(got.Checks)-1])
	}
}

func TestHints(t *testing.T) {
	task := aTask("a", no)
	task.Hints = []v1beta1.Hint{
		{After: metav1.Duration{Duration: 10 * time.Minute}, Text: "later"},
		{After: metav1.Duration{Duration: 5 * time.Minute}, Text: "sooner"},
	}
	e := mustCompile(t, spec(task))
	in := input()
	steps := []struct {
		later       time.Duration
		wantTips    []string
		wantRecheck time.Duration
	}{
		{0, nil, 5 * time.Minute},
		{5 * time.Minute, []string{"sooner"}, 5 * time.Minute},
		{5 * time.Minute, []string{"later", "sooner"}, 0},
	}
	var r Result
	for i, step := range steps {
		if i > 0 {
			in = next(in, r, step.later)
		}
		r = evaluate(t, e, in)
		if diff := cmp.Diff(step.wantTips, r.Tasks[0].Hints); diff != "" || r.Recheck != step.wantRecheck {
			t.Errorf("step %d: recheck %v, want %v; tips (-want +got):\n%s", i, r.Recheck, step.wantRecheck, diff)
		}
	}
	in = next(in, r, time.Minute)
	in.Evidence["web"].Value.(map[string]any)["spec"] = map[string]any{"replicas": int64(7)}
	if r = evaluate(t, e, in); r.Tasks[0].Hints != nil || r.Tasks[0].State != v1beta1.TaskPassed {
		t.Errorf("a passed task gives hints: %+v", r.Tasks[0])
	}
}

func TestRecheckWhileTimeMatters(t *testing.T) {
	const waiting = "now - timestamp(hpa.status.lastScaleTime) > duration('1h')"
	tests := map[string]struct {
		tasks []v1beta1.Task
		want  time.Duration
	}{
		"nothing depends on time":                     {[]v1beta1.Task{aTask("a", no)}, 0},
		"an open task looks at the clock":             {[]v1beta1.Task{aTask("a", waiting)}, NowInterval},
		"a task that passed does not any more":        {[]v1beta1.Task{aTask("a", "now > lab.startedAt")}, 0},
		"a continuous one always does":                {[]v1beta1.Task{continuous(aTask("a", "now > lab.startedAt"))}, NowInterval},
		"a locked one does not yet":                   {[]v1beta1.Task{aTask("a", no), dependingOn(aTask("b", waiting), "a")}, 0},
		"the soonest counts":                          {[]v1beta1.Task{aTask("a", waiting), holding(aTask("b", yes), 2*time.Second)}, 2 * time.Second},
		"a macro's variable of that name is no clock": {[]v1beta1.Task{aTask("a", "pods.all(now, now.status.phase == 'x')")}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := evaluate(t, mustCompile(t, spec(tc.tasks...)), input()).Recheck; got != tc.want {
				t.Errorf("Recheck is %v, want %v", got, tc.want)
			}
		})
	}
}
