package check

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// polledSpec has evidence of a service beside the objects.
func polledSpec(tasks ...v1beta1.Task) *v1beta1.ExerciseSpec {
	s := spec(tasks...)
	s.Evidence = append(s.Evidence, v1beta1.Evidence{Name: "home", Probe: &v1beta1.ProbeEvidence{HTTP: &v1beta1.HTTPEvidence{}}})
	return s
}

// look is an answer of the service at a time, in a series of looks that began at another.
func look(value map[string]any, at, since time.Duration) Observation {
	return Observation{State: Seen, Value: value, At: start.Add(at), Since: start.Add(since)}
}

func TestHoldOnPolledEvidence(t *testing.T) {
	up, down := map[string]any{"ok": true}, map[string]any{"ok": false}
	type moment struct {
		now  time.Duration
		home Observation
		want v1beta1.TaskState
	}
	tests := map[string][]moment{
		"one look is not enough, however much later": {
			{10 * time.Second, look(up, 9*time.Second, 0), v1beta1.TaskPending},
			{60 * time.Second, look(up, 9*time.Second, 0), v1beta1.TaskPending},
		},
		"looks over the whole time": {
			{10 * time.Second, look(up, 9*time.Second, 0), v1beta1.TaskPending},
			{15 * time.Second, look(up, 14*time.Second, 0), v1beta1.TaskPending},
			{20 * time.Second, look(up, 19*time.Second, 0), v1beta1.TaskPassed},
		},
		"a look at which it was not so": {
			{10 * time.Second, look(up, 9*time.Second, 0), v1beta1.TaskPending},
			{15 * time.Second, look(down, 14*time.Second, 0), v1beta1.TaskPending},
			{20 * time.Second, look(up, 19*time.Second, 0), v1beta1.TaskPending},
			{30 * time.Second, look(up, 29*time.Second, 0), v1beta1.TaskPassed},
		},
		"a gap in looking": {
			{10 * time.Second, look(up, 9*time.Second, 0), v1beta1.TaskPending},
			{40 * time.Second, look(up, 39*time.Second, 39*time.Second), v1beta1.TaskPending},
			{49 * time.Second, look(up, 48*time.Second, 39*time.Second), v1beta1.TaskPending},
			{50 * time.Second, look(up, 49*time.Second, 39*time.Second), v1beta1.TaskPassed},
		},
	}
	e := mustCompile(t, polledSpec(holding(aTask("a", "home.ok"), 10*time.Second)))
	for name, moments := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, m := range moments {
				in.Now = start.Add(m.now)
				in.Evidence["home"] = m.home
				got := evaluate(t, e, in)
				if got.Tasks[0].State != m.want {
					t.Fatalf("at %s it is %s, want %s", m.now, got.Tasks[0].State, m.want)
				}
				if m.want == v1beta1.TaskPending && m.home.Value.(map[string]any)["ok"] == true && got.Recheck < pollInterval {
					t.Errorf("at %s it is looked at again in %s: that is before anything can be new", m.now, got.Recheck)
				}
				in = next(in, got, 0)
			}
		})
	}
}

func TestAGapInWatchingRestartsAHold(t *testing.T) {
	e := mustCompile(t, spec(holding(aTask("a", yes), 10*time.Second)))
	in := input()
	in = next(in, evaluate(t, e, in), 9*time.Second)
	web := in.Evidence["web"]
	web.Since = in.Now
	in.Evidence["web"] = web
	for _, later := range []time.Duration{0, 9 * time.Second} {
		got := evaluate(t, e, next(in, evaluate(t, e, in), later))
		if got.Tasks[0].State != v1beta1.TaskPending {
			t.Errorf("%s after the gap it is %s", later, got.Tasks[0].State)
		}
	}
	restarted := evaluate(t, e, in)
	if got := evaluate(t, e, next(in, restarted, 10*time.Second)); got.Tasks[0].State != v1beta1.TaskPassed {
		t.Errorf("the whole hold after the gap it is %s", got.Tasks[0].State)
	}
}

func TestFailureOfAServiceIsToldInItsWords(t *testing.T) {
	refused := map[string]any{"ok": false, "reason": "Refused", "error": "web:80 refuses connections"}
	tests := map[string]struct{ expression, want string }{
		"it is asked for":                 {"home.ok", "web:80 refuses connections"},
		"what it did not answer is asked": {"home.status == 200", "web:80 refuses connections"},
		"beside something else":           {"web.spec.replicas == 7 && home.ok", "spec.replicas of Deployment web is 2; web:80 refuses connections"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Evidence["home"] = look(refused, 0, 0)
			got := evaluate(t, mustCompile(t, polledSpec(aTask("a", tc.expression))), in).Tasks[0]
			if got.State != v1beta1.TaskPending || got.Checks[0].Observed != tc.want {
				t.Errorf("got %s, observed %q; want it Pending, %q", got.State, got.Checks[0].Observed, tc.want)
			}
		})
	}
}

func TestNeeds(t *testing.T) {
	noted := aTask("a", "home.ok")
	noted.Checks[0].Observed = "string(hpa.spec.maxReplicas)"
	tests := map[string]struct {
		tasks  []v1beta1.Task
		passed []string
		want   []string
	}{
		"what open tasks look at, in the order of the exercise": {
			tasks: []v1beta1.Task{noted, withOutput(aTask("b", "size(pods) > 9"), "uid", "web.metadata.uid")},
			want:  []string{"web", "hpa", "pods", "home"},
		},
		"nothing for a task that is locked": {
			tasks: []v1beta1.Task{aTask("a", no), dependingOn(aTask("b", "home.ok"), "a")},
			want:  []string{"web"},
		},
		"nothing for a task that was passed": {
			tasks:  []v1beta1.Task{aTask("a", "home.ok"), aTask("b", "hpa.spec.maxReplicas == 9")},
			passed: []string{"a"},
			want:   []string{"hpa"},
		},
		"a task that has to hold until the end": {
			tasks:  []v1beta1.Task{continuous(aTask("a", "home.ok")), aTask("b", no)},
			passed: []string{"a"},
			want:   []string{"web", "home"},
		},
		"a pass that opens the next task": {
			tasks: []v1beta1.Task{aTask("a", yes), dependingOn(aTask("b", "home.ok"), "a")},
			want:  []string{"home"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Evidence["home"] = look(map[string]any{"ok": false, "error": "no"}, 0, 0)
			for _, name := range tc.passed {
				in.Tasks = append(in.Tasks, TaskState{Name: name, OpenedAt: start, PassedAt: start})
			}
			got := evaluate(t, mustCompile(t, polledSpec(tc.tasks...)), in)
			if diff := cmp.Diff(tc.want, got.Needs); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}
