package check

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestOneCheck(t *testing.T) {
	const expected = "expected"
	tests := map[string]struct {
		expression   string
		observed     string
		change       func(Snapshot)
		wantState    v1beta1.CheckState
		wantObserved string
		wantFaults   []string
	}{
		"true passes and says nothing": {
			expression: "hpa.spec.maxReplicas == 5", wantState: v1beta1.CheckPassed,
		},
		"false quotes what the author says was observed": {
			expression: "hpa.spec.scaleTargetRef.name == 'api'", observed: "'it acts on ' + hpa.spec.scaleTargetRef.name",
			wantState: v1beta1.CheckPending, wantObserved: "it acts on web",
		},
		"false without the author's words quotes the values": {
			expression: "hpa.spec.maxReplicas == 10 && hpa.spec.scaleTargetRef.name == 'web'", wantState: v1beta1.CheckPending,
			wantObserved: `spec.maxReplicas of HorizontalPodAutoscaler web is 5; spec.scaleTargetRef.name of HorizontalPodAutoscaler web is "web"`,
		},
		"false about a list counts it": {
			expression: "size(pods) == 3", wantState: v1beta1.CheckPending, wantObserved: "there are 2 objects of kind Pod",
		},
		"false about a list of one": {
			expression: "size(pods) == 3", wantState: v1beta1.CheckPending, wantObserved: "there is 1 object of kind Pod",
			change: func(s Snapshot) { s["pods"] = Observation{State: Seen, Value: []any{map[string]any{}}} },
		},
		"false about a field that has() finds missing": {
			expression: "has(hpa.spec.behavior)", wantState: v1beta1.CheckPending,
			wantObserved: "the field spec.behavior of HorizontalPodAutoscaler web is not set",
		},
		"false never quotes a Secret": {
			expression: "secret.data.password == 'x'", wantState: v1beta1.CheckPending, wantObserved: "it is not so yet",
		},
		"all() over an empty list is true": {
			expression: "pods.all(p, p.status.phase == 'Running')", wantState: v1beta1.CheckPassed,
			change: func(s Snapshot) { s["pods"] = Observation{State: Seen, Value: []any{}} },
		},
		"a timestamp in a raw object can be compared": {
			expression: "timestamp(hpa.status.lastScaleTime) > lab.startedAt && timestamp(hpa.status.lastScaleTime) < now", wantState: v1beta1.CheckPassed,
		},
		"quantities in a raw object can be compared": {
			expression: "quantity(container(web, 'web').resources.requests.cpu).isGreaterThan(quantity('50m'))", wantState: v1beta1.CheckPassed,
		},
		"whole numbers and decimals compare": {
			expression: "hpa.status.ratio < hpa.spec.minReplicas && hpa.spec.minReplicas == 1.0", wantState: v1beta1.CheckPassed,
		},
		"the lab is known": {
			expression: "lab.name == 'hpa' && lab.namespace == 'lab-hpa'", wantState: v1beta1.CheckPassed,
		},
		"a field that is not set": {
			expression: "hpa.spec.metrics[0].type == 'Resource'", wantState: v1beta1.CheckPending,
			wantObserved: "the field spec.metrics of HorizontalPodAutoscaler web is not set",
		},
		"a field that is not set, with the author's words": {
			expression: "hpa.spec.metrics[0].type == 'Resource'", observed: "has(hpa.spec.metrics) ? 'another metric' : 'no metric at all'",
			wantState: v1beta1.CheckPending, wantObserved: "no metric at all",
		},
		"the author's words fail as well": {
			expression: "hpa.spec.metrics[0].type == 'Resource'", observed: "'it has ' + hpa.spec.metrics[0].type",
			wantState: v1beta1.CheckPending, wantObserved: "the field spec.metrics of HorizontalPodAutoscaler web is not set",
		},
		"the author's words are no text": {
			expression: "size(pods) == 3", observed: "hpa.spec.maxReplicas",
			wantState: v1beta1.CheckPending, wantObserved: "there are 2 objects of kind Pod",
		},
		"a key with a slash that is not set": {
			expression: "web.metadata.annotations['x/y'] == 'z'", wantState: v1beta1.CheckPending,
			wantObserved: "the field metadata.annotations['x/y'] of Deployment web is not set",
		},
		"a field below null": {
			expression: "web.spec.paused.since == 1", wantState: v1beta1.CheckPending,
			wantObserved: "the field spec.paused.since of Deployment web is not set",
		},
		"null where a number is needed": {
			expression: "web.spec.paused > 1", wantState: v1beta1.CheckPending,
			wantObserved: "what is there does not fit: no such overload: _>_",
		},
		"an index that is not there": {
			expression: "hpa.status.conditions[0].status == 'True'", wantState: v1beta1.CheckPending,
			wantObserved: "there is no status.conditions[0] of HorizontalPodAutoscaler web",
		},
		"a field that some element lacks": {
			expression: "pods.all(p, p.status.podIP != '')", wantState: v1beta1.CheckPending, wantObserved: "the field status.podIP is not set",
		},
		"a field of a container that is not set": {
			expression: "container(web, 'side').resources.requests.cpu != ''", wantState: v1beta1.CheckPending, wantObserved: "the field resources is not set",
		},
		"a container that is not there": {
			expression: "container(web, 'api').image == 'x'", wantState: v1beta1.CheckPending, wantObserved: "there is no container named api",
		},
		"a container of something else": {
			expression: "container(hpa, 'api').image == 'x'", wantState: v1beta1.CheckPending, wantObserved: "it has no containers",
		},
		"a text that is no timestamp": {
			expression: "timestamp(hpa.metadata.name) < now", wantState: v1beta1.CheckPending,
			wantObserved: "what is there does not fit: type conversion error from 'string' to 'google.protobuf.Timestamp'",
		},
		"a division by what a learner set to zero": {
			expression: "10 / hpa.spec.minReplicas > 1", wantState: v1beta1.CheckPending, wantObserved: "what is there does not fit: division by zero",
			change: func(s Snapshot) {
				s["hpa"].Value.(map[string]any)["spec"].(map[string]any)["minReplicas"] = int64(0)
			},
		},
		"an object that is missing, in the words of the evidence": {
			expression: "hpa.spec.maxReplicas == 5", observed: "'never used: ' + hpa.metadata.name", wantState: v1beta1.CheckPending, wantObserved: "no HPA here",
			change: func(s Snapshot) { s["hpa"] = Observation{State: Missing, Detail: "no HPA here"} },
		},
		"an object that is missing, without words": {
			expression: "hpa.spec.maxReplicas == 5", wantState: v1beta1.CheckPending, wantObserved: "there is no HorizontalPodAutoscaler named web",
			change: func(s Snapshot) { s["hpa"] = Observation{State: Missing} },
		},
		"an object that is missing hides no negation": {
			expression: "!has(hpa.spec.behavior)", wantState: v1beta1.CheckPending, wantObserved: "there is no HorizontalPodAutoscaler named web",
			change: func(s Snapshot) { s["hpa"] = Observation{State: Missing} },
		},
		"a kind that is not installed": {
			expression: "hpa.spec.maxReplicas == 5", wantState: v1beta1.CheckPending, wantObserved: "the cluster does not have the kind HorizontalPodAutoscaler",
			change: func(s Snapshot) { s["hpa"] = Observation{State: Unavailable} },
		},
		"a list over its limit": {
			expression: "size(pods) == 5", wantState: v1beta1.CheckPending, wantObserved: "objects of kind Pod: too large to inspect within the limits: make it smaller",
			change: func(s Snapshot) { s["pods"] = Observation{State: TooLarge} },
		},
		"evidence that was not looked at": {
			expression: "hpa.spec.maxReplicas == 5", wantState: v1beta1.CheckPending, wantObserved: "not looked at yet",
			change: func(s Snapshot) { delete(s, "hpa") },
		},
		"evidence that the operator cannot read": {
			expression: "hpa.spec.maxReplicas == 5", wantState: v1beta1.CheckError, wantObserved: "forbidden",
			wantFaults: []string{"evidence hpa cannot be read: forbidden"},
			change:     func(s Snapshot) { s["hpa"] = Observation{State: Failed, Detail: "forbidden"} },
		},
		"the platform's failure comes before what is missing": {
			expression: "hpa.spec.maxReplicas == web.spec.replicas", wantState: v1beta1.CheckError, wantObserved: "it could not be read",
			wantFaults: []string{"evidence web cannot be read: it could not be read"},
			change: func(s Snapshot) {
				s["hpa"], s["web"] = Observation{State: Missing}, Observation{State: Failed}
			},
		},
		"not looked at comes before what is missing": {
			expression: "hpa.spec.maxReplicas == web.spec.replicas", wantState: v1beta1.CheckPending, wantObserved: "not looked at yet",
			change: func(s Snapshot) { s["hpa"], s["web"] = Observation{State: Missing}, Observation{} },
		},
		"other evidence that is missing does not matter": {
			expression: "web.spec.replicas == 2", wantState: v1beta1.CheckPassed,
			change: func(s Snapshot) { s["hpa"] = Observation{State: Failed} },
		},
		"a variable of a macro with the name of evidence is not the evidence": {
			expression: "pods.all(hpa, hpa.metadata.name != '')", wantState: v1beta1.CheckPassed,
			change: func(s Snapshot) { s["hpa"] = Observation{State: Missing} },
		},
		"a value that is no bool is the author's fault": {
			expression: "hpa.spec.maxReplicas", wantState: v1beta1.CheckError,
			wantObserved: "check 1 of task a returned int where it must return a bool: correct its expression",
			wantFaults:   []string{"check 1 of task a returned int where it must return a bool: correct its expression"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			task := aTask("a", tc.expression)
			task.Checks[0].Observed = tc.observed
			in := input()
			if tc.change != nil {
				tc.change(in.Evidence)
			}
			got := evaluate(t, mustCompile(t, spec(task)), in)
			want := []v1beta1.CheckResult{{Expected: expected, Observed: tc.wantObserved, State: tc.wantState}}
			if diff := cmp.Diff(want, got.Tasks[0].Checks); diff != "" {
				t.Errorf("checks (-want +got):\n%s", diff)
			}
			if got.Tasks[0].State != v1beta1.TaskState(tc.wantState) {
				t.Errorf("task is %s, want %s", got.Tasks[0].State, tc.wantState)
			}
			if diff := cmp.Diff(tc.wantFaults, got.Faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if want := tc.wantObserved == notLookedAt; got.Incomplete != want {
				t.Errorf("Incomplete is %v, want %v", got.Incomplete, want)
			}
		})
	}
}

func TestChecksAreJudgedAlone(t *testing.T) {
	// Joined by &&, the first would hide that the second cannot be evaluated.
	e := mustCompile(t, spec(aTask("a", "web.spec.replicas == 7", "web.spec.nope == 1", "web.spec.replicas == 2")))
	got := evaluate(t, e, input())
	want := []v1beta1.CheckResult{
		{Expected: "expected", Observed: "spec.replicas of Deployment web is 2", State: v1beta1.CheckPending},
		{Expected: "expected", Observed: "the field spec.nope of Deployment web is not set", State: v1beta1.CheckPending},
		{Expected: "expected", State: v1beta1.CheckPassed},
	}
	if diff := cmp.Diff(want, got.Tasks[0].Checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}

func TestAnErrorOutweighsWhatIsPending(t *testing.T) {
	e := mustCompile(t, spec(aTask("a", "web.spec.replicas == 7", "web.spec.replicas")))
	if got := evaluate(t, e, input()).Tasks[0].State; got != v1beta1.TaskError {
		t.Errorf("task is %s, want Error", got)
	}
}

func TestFaultsComeInTheOrderOfTheExerciseAndOnce(t *testing.T) {
	e := mustCompile(t, spec(
		dependingOn(aTask("late", "web.spec.replicas"), "early"),
		aTask("early", "pods.size() == 2"),
		aTask("other", "hpa.spec.maxReplicas == 5", "hpa.spec.minReplicas == 1"),
	))
	in := input()
	in.Evidence["hpa"] = Observation{State: Failed, Detail: "forbidden"}
	want := []string{
		"check 1 of task late returned int where it must return a bool: correct its expression",
		"evidence hpa cannot be read: forbidden",
	}
	if diff := cmp.Diff(want, evaluate(t, e, in).Faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestTextsAreOneBoundedLine(t *testing.T) {
	task := aTask("a", "web.spec.replicas == 7")
	task.Checks[0].Expected = "two\nlines\tand \x1b[31mcolour"
	task.Checks[0].Observed = "web.metadata.annotations['a/b']"
	in := input()
	in.Evidence["web"].Value.(map[string]any)["metadata"].(map[string]any)["annotations"] = map[string]any{"a/b": strings.Repeat("ä\n", 600)}
	got := evaluate(t, mustCompile(t, spec(task)), in).Tasks[0].Checks[0]
	if want := "two lines and [31mcolour"; got.Expected != want {
		t.Errorf("expected is %q, want %q", got.Expected, want)
	}
	if n := utf8.RuneCountInString(got.Observed); n > TextLength || strings.ContainsAny(got.Observed, "\n\t") || !strings.HasSuffix(got.Observed, "…") {
		t.Errorf("observed has %d characters: %q", n, got.Observed)
	}
}

func TestReady(t *testing.T) {
	s := spec(aTask("a", "true"))
	s.ReadyWhen = []v1beta1.Check{
		{Expression: "web.spec.replicas == 2", Expected: "two replicas"},
		{Expression: "web.status.readyReplicas == 2", Expected: "two ready"},
	}
	e := mustCompile(t, s)
	in := input()
	ok, unmet := e.Ready(t.Context(), in)
	want := []v1beta1.CheckResult{{Expected: "two ready", Observed: "the field status of Deployment web is not set", State: v1beta1.CheckPending}}
	if diff := cmp.Diff(want, unmet); ok || diff != "" {
		t.Errorf("ready %v, unmet (-want +got):\n%s", ok, diff)
	}
	in.Evidence["web"].Value.(map[string]any)["status"] = map[string]any{"readyReplicas": int64(2)}
	if ok, unmet := e.Ready(t.Context(), in); !ok || unmet != nil {
		t.Errorf("ready %v, unmet %v, want all met", ok, unmet)
	}
	if ok, _ := mustCompile(t, spec(aTask("a", "true"))).Ready(t.Context(), Input{Now: time.Now()}); !ok {
		t.Error("without readyWhen a lab is not ready")
	}
}
