package labs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Times of the scenes, in the order in which they were made: start, unread, active, scaling, scaled, window, shrunk.
const (
	// holdFor is that of the tasks of hpa-scaling that have one.
	holdFor = 20 * time.Second
	// byHand is what the API server notes when kubectl scale was the last to set the replicas.
	byHand = `managedFields: [{manager: kubectl, operation: Update, subresource: scale}]`
	// longAgo is a time before the lab, farAhead one after all recordings.
	longAgo, farAhead = `2020-01-01T00:00:00Z`, `2099-01-01T00:00:00Z`
)

func TestHPAScalingVerdicts(t *testing.T) {
	exercise := compile(t, "hpa-scaling")
	for name, tc := range map[string]struct {
		task  string
		state string
		patch string
		// says is part of what the learner reads; empty means that the task is passed.
		says string
	}{
		"requests: the start":            {task: "requests", state: "start", says: "it has no CPU request"},
		"requests: the pod of the start": {task: "requests", state: "start", says: "CPU requests of the running pods: nothing"},
		"requests: rolled out":           {task: "requests", state: "unread"},
		"requests: a limit alone counts, since it becomes the request": {task: "requests", state: "unread", patch: `
web: {spec: {template: {spec: {containers: [{name: web, resources: {limits: {cpu: 100m}}}]}}}}`},
		"requests: template alone, the rollout paused": {task: "requests", state: "start", says: "the rollout is paused: 0 of 1 pods", patch: `
web:
  spec: {paused: true, template: {spec: {containers: [{name: web, resources: {requests: {cpu: 100m}}}]}}}
  status: {updatedReplicas: null}`},
		"requests: template alone, the new pod finds no node": {task: "requests", state: "start", says: "CPU requests of the running pods: nothing", patch: `
web:
  spec: {template: {spec: {containers: [{name: web, resources: {requests: {cpu: 100m}}}]}}}
  status: {updatedReplicas: 1, replicas: 2}`},
		"requests: the pod alone, resized in place": {task: "requests", state: "start", says: "it has no CPU request", patch: `
pods: [{metadata: {name: web-1}, spec: {containers: [{name: web, resources: {requests: {cpu: 100m}}}]}, status: {phase: Running}}]`},
		"requests: far too little": {task: "requests", state: "unread", says: "it requests 1m", patch: `
web: {spec: {template: {spec: {containers: [{name: web, resources: {requests: {cpu: 1m}}}]}}}}`},
		"requests: far too much": {task: "requests", state: "unread", says: "it requests 1 CPU", patch: `
web: {spec: {template: {spec: {containers: [{name: web, resources: {requests: {cpu: "1"}}}]}}}}`},
		"requests: no pod runs": {task: "requests", state: "unread", says: "no pod of web is running", patch: `pods: []`},
		"requests: another container": {task: "requests", state: "unread", says: "there is no container named web", patch: `
web: {spec: {template: {spec: {containers: [{name: app}]}}}}`},
		"requests: the Deployment deleted": {task: "requests", state: "unread", says: "Deployment", patch: `web: null`},

		"autoscaler: none":           {task: "autoscaler", state: "active", says: "there is none", patch: `{hpa: null, autoscalers: []}`},
		"autoscaler: active":         {task: "autoscaler", state: "active"},
		"autoscaler: no reading yet": {task: "autoscaler", state: "unread", says: "it says: the HPA was unable to compute the replica count"},
		"autoscaler: under another name": {task: "autoscaler", state: "active", says: "there is frontend", patch: `
{hpa: null, autoscalers: [{metadata: {name: frontend}, spec: {scaleTargetRef: {kind: Deployment, name: web}}}]}`},
		"autoscaler: of another Deployment": {task: "autoscaler", state: "active", says: "it acts on the Deployment load",
			patch: `hpa: {spec: {scaleTargetRef: {name: load}}}`},
		"autoscaler: two of them": {task: "autoscaler", state: "active", says: "on it act web, other", patch: `
autoscalers:
- {metadata: {name: web}, spec: {scaleTargetRef: {kind: Deployment, name: web}}}
- {metadata: {name: other}, spec: {scaleTargetRef: {kind: Deployment, name: web}}}`},
		"autoscaler: at 80 %": {task: "autoscaler", state: "active", says: "its metrics: cpu at 80 % of the request", patch: `
hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}}`},
		"autoscaler: by an amount": {task: "autoscaler", state: "active", says: "its metrics: cpu at 50m per pod", patch: `
hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 50m}}}]}}`},
		"autoscaler: by memory": {task: "autoscaler", state: "active", says: "its metrics: memory at 50 % of the request", patch: `
hpa: {spec: {metrics: [{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 50}}}]}}`},
		"autoscaler: by the CPU of the container": {task: "autoscaler", state: "active", patch: `hpa: ` + byContainer("web", 50)},
		"autoscaler: by the CPU of another container": {task: "autoscaler", state: "active",
			says: "its metrics: cpu of container proxy at 50 % of the request", patch: `hpa: ` + byContainer("proxy", 50)},
		"autoscaler: by another kind of metric": {task: "autoscaler", state: "active", says: "its metrics: Pods", patch: `
hpa: {spec: {metrics: [{type: Pods, pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: 10}}}]}}`},
		"autoscaler: a minimum of 2":  {task: "autoscaler", state: "active", says: "between 2 and 5", patch: `hpa: {spec: {minReplicas: 2}}`},
		"autoscaler: a maximum of 10": {task: "autoscaler", state: "active", says: "between 1 and 10", patch: `hpa: {spec: {maxReplicas: 10}}`},
		"autoscaler: of something that cannot be scaled": {task: "autoscaler", state: "active", says: "it says: no matches for kind", patch: `
hpa: {status: {conditions: [{type: AbleToScale, status: "False", reason: FailedGetScale, message: no matches for kind}]}}`},
		"autoscaler: just created": {task: "autoscaler", state: "active", says: "has not read anything yet", patch: `
hpa: {status: {conditions: null, currentMetrics: null}}`},

		"scaleOut: no load":                  {task: "scaleOut", state: "active", says: "it wants 1; CPU now/target: 1 %/50 %"},
		"scaleOut: pods are starting":        {task: "scaleOut", state: "scaling", says: "1 of 2 are ready. The events of a Pending pod say"},
		"scaleOut: under load":               {task: "scaleOut", state: "scaled"},
		"scaleOut: the load gone":            {task: "scaleOut", state: "window", says: "CPU use of a pod: 1 % of its request, with 5 ready pods: one pod at 50 % can handle that load"},
		"scaleOut: the metric gone":          {task: "scaleOut", state: "scaled", says: "no reading", patch: `hpa: {status: {currentMetrics: [{type: ""}]}}`},
		"scaleOut: a status without metrics": {task: "scaleOut", state: "scaled", says: "no reading", patch: `hpa: {status: {currentMetrics: null}}`},
		"scaleOut: kubectl scale, and the autoscaler has only noted it": {task: "scaleOut", state: "active",
			says: "web has 3 replicas, but the autoscaler has not scaled it", patch: `
web: {metadata: {` + byHand + `}, spec: {replicas: 3}, status: {replicas: 3, readyReplicas: 3}}
hpa: {status: {currentReplicas: 3, desiredReplicas: 3}}`},
		"scaleOut: kubectl scale, in words": {task: "scaleOut", state: "active", says: "somebody else last set them, to 3", patch: `
web: {metadata: {` + byHand + `}, spec: {replicas: 3}, status: {replicas: 3, readyReplicas: 3}}`},
		"scaleOut: kubectl scale after the autoscaler had scaled": {task: "scaleOut", state: "scaled",
			says: "somebody else last set them, to 5", patch: `web: {metadata: {` + byHand + `}}`},
		"scaleOut: kubectl edit after the autoscaler had scaled": {task: "scaleOut", state: "scaled",
			says: "somebody else last set them, to 5", patch: `
web: {metadata: {managedFields: [{manager: kubectl-edit, operation: Update, time: "` + farAhead + `"}]}}`},
		"scaleOut: a Deployment that nobody gave replicas, and the autoscaler scaled it": {task: "scaleOut", state: "scaled", patch: `
web: {metadata: {managedFields: [{manager: kubectl, operation: Apply, time: "` + longAgo + `"}, {manager: kube-controller-manager, subresource: status, time: "` + farAhead + `"}]}}`},
		"scaleOut: a Deployment that nobody gave replicas, changed after it was scaled": {task: "scaleOut", state: "scaled",
			says: "somebody else last set them, to 5", patch: `
web: {metadata: {managedFields: [{manager: kubectl, operation: Apply, time: "` + farAhead + `"}]}}`},
		"scaleOut: short of CPU on the node": {task: "scaleOut", state: "scaled", patch: `
{pods: [{metadata: {name: web-9}, status: {phase: Pending}}], web: {status: {readyReplicas: 3}}}`},
		"scaleOut: by the CPU of the container": {task: "scaleOut", state: "scaled", patch: `hpa: ` + byContainer("web", 50)},
		"scaleOut: by the CPU of the container, with another target": {task: "scaleOut", state: "scaled",
			says: "with a target of cpu at 80 %", patch: `hpa: ` + byContainer("web", 80)},
		"scaleOut: the minimum raised": {task: "scaleOut", state: "window", says: "between 3 and 5 replicas of web", patch: `
hpa: {spec: {minReplicas: 3}}`},
		"scaleOut: the minimum raised and lowered": {task: "scaleOut", state: "window", says: "one pod at 50 % can handle that load"},
		"scaleOut: the target lowered": {task: "scaleOut", state: "scaled", says: "with a target of cpu at 1 %", patch: `
hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1}}}]}}`},
		"scaleOut: the request taken down": {task: "scaleOut", state: "scaled", says: "CPU request 1m", patch: `
web: {spec: {template: {spec: {containers: [{name: web, resources: {requests: {cpu: 1m}}}]}}}}`},
		"scaleOut: the minimum raised and lowered, and load that five can bear": {task: "scaleOut", state: "scaled",
			says: "the autoscaler was changed after it had scaled", patch: `
hpa:
  metadata: {managedFields: [{manager: kubectl-edit, operation: Update, time: "` + farAhead + `"}, {manager: kube-controller-manager, subresource: status}]}
  status: {currentMetrics: [{type: Resource, resource: {name: cpu, current: {averageUtilization: 45}}}]}`},
		"scaleOut: the behavior changed under load that needs all pods": {task: "scaleOut", state: "scaled", patch: `
hpa:
  metadata: {managedFields: [{manager: kubectl-edit, operation: Update, time: "` + farAhead + `"}, {manager: kube-controller-manager, subresource: status}]}`},
		"scaleOut: in a lab before this one": {task: "scaleOut", state: "scaled", says: "web has 5 replicas, but the autoscaler has not scaled it", patch: `
hpa: {status: {lastScaleTime: "` + longAgo + `"}}`},

		"scaleIn: the load goes on":  {task: "scaleIn", state: "scaled", says: "with 5 ready pods"},
		"scaleIn: the window":        {task: "scaleIn", state: "window", says: "It says: recent recommendations were higher than current one"},
		"scaleIn: by the autoscaler": {task: "scaleIn", state: "shrunk"},
		"scaleIn: kubectl scale": {task: "scaleIn", state: "window", says: "before scaleOut was passed. Make load until it adds pods", patch: `
web: {metadata: {` + byHand + `}, spec: {replicas: 1}, status: {replicas: 1, readyReplicas: 1}}
hpa: {status: {currentReplicas: 1, desiredReplicas: 1}}`},
		"scaleIn: kubectl scale when the autoscaler had scaled out once more": {task: "scaleIn", state: "shrunk",
			says: "somebody else last set them, to 1", patch: `web: {metadata: {` + byHand + `}}`},
		"scaleIn: the maximum lowered": {task: "scaleIn", state: "shrunk", says: "between 1 and 1 replicas", patch: `hpa: {spec: {maxReplicas: 1}}`},
		"scaleIn: the target raised": {task: "scaleIn", state: "shrunk", says: "with a target of cpu at 1000 %", patch: `
hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1000}}}]}}`},
		"scaleIn: the maximum lowered and raised": {task: "scaleIn", state: "shrunk", says: "the autoscaler was changed after it had scaled", patch: `
hpa: {metadata: {managedFields: [{manager: kubectl-edit, operation: Update, time: "` + farAhead + `"}, {manager: kube-controller-manager, subresource: status}]}}`},
		"scaleIn: one pod under all of the load": {task: "scaleIn", state: "shrunk", says: "CPU use of a pod: 400 % of its request, with 1 ready", patch: `
hpa: {status: {currentMetrics: [{type: Resource, resource: {name: cpu, current: {averageUtilization: 400}}}]}}`},
		"scaleIn: the metric gone":        {task: "scaleIn", state: "shrunk", says: "no reading", patch: `hpa: {status: {currentMetrics: [{type: ""}]}}`},
		"scaleIn: the autoscaler deleted": {task: "scaleIn", state: "shrunk", says: "HorizontalPodAutoscaler", patch: `{hpa: null, autoscalers: []}`},
		"scaleIn: no pod left": {task: "scaleIn", state: "shrunk", says: "web has 0", patch: `
{web: {spec: {replicas: 0}, status: {replicas: null, readyReplicas: null}}, pods: []}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := atHPA(t, tc.state).but(t, tc.patch)
			s := exercise.sit()
			s.pass(tc.task, passedAt(t, tc.task, r))
			first := taskOf(t, s.look(t, r, 0), tc.task)
			last := taskOf(t, s.look(t, r, holdFor), tc.task)
			if tc.says == "" {
				if last.State != v1beta1.TaskPassed {
					t.Errorf("not passed:\n%s", unmet(last))
				}
				if tc.task != "requests" && first.State == v1beta1.TaskPassed {
					t.Error("passed at the first sight: it must be seen for longer")
				}
				return
			}
			if last.State != v1beta1.TaskPending || !strings.Contains(unmet(last), tc.says) {
				t.Errorf("%s, want that a learner reads %q:\n%s", last.State, tc.says, unmet(last))
			}
		})
	}
}

// byContainer is an autoscaler with a metric of the type ContainerResource, under load.
func byContainer(container string, target int) string {
	return fmt.Sprintf(`{
  spec: {metrics: [{type: ContainerResource, containerResource: {name: cpu, container: %s, target: {type: Utilization, averageUtilization: %d}}}]},
  status: {currentMetrics: [{type: ContainerResource, containerResource: {name: cpu, container: %s, current: {averageUtilization: 89}}}]}}`, container, target, container)
}

// atHPA is a scene of hpa-scaling, in which the autoscaler is the only one.
func atHPA(t *testing.T, state string) scene {
	t.Helper()
	r := readScene(t, "hpa-scaling", state)
	if r.evidence["hpa"] != nil {
		r.evidence["autoscalers"] = []any{r.evidence["hpa"]}
	}
	return r
}

// passedAt is when the tasks before one were passed in the sitting that the scene is of: for scaleIn, when it had scaled out.
func passedAt(t *testing.T, task string, r scene) time.Time {
	t.Helper()
	if task != "scaleIn" {
		return r.StartedAt
	}
	return readScene(t, "hpa-scaling", "scaled").Now
}

func TestHPAScalingIsPassedTaskByTask(t *testing.T) {
	s := compile(t, "hpa-scaling").sit()
	var got []string
	for _, step := range []struct {
		state string
		later time.Duration
	}{{"start", 0}, {"start", time.Minute}, {"unread", 0}, {"active", 0}, {"active", holdFor}, {"scaling", 0}, {"scaled", 0}, {"scaled", holdFor},
		{"window", 0}, {"window", holdFor}, {"shrunk", 0}, {"shrunk", holdFor}} {
		result := s.look(t, atHPA(t, step.state), step.later)
		passed := 0
		for _, task := range result.Tasks {
			if task.State == v1beta1.TaskPassed {
				passed++
			}
		}
		got = append(got, step.state+" "+strings.Repeat("+", passed))
		if result.Completed != (passed == 4) {
			t.Errorf("%s: completed %v with %d tasks passed", step.state, result.Completed, passed)
		}
	}
	want := []string{"start ", "start ", "unread +", "active +", "active ++", "scaling ++", "scaled ++", "scaled +++",
		"window +++", "window +++", "shrunk +++", "shrunk ++++"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tasks passed (-want +got):\n%s", diff)
	}
}

func TestHPAScalingSeesThroughAStatusWrittenByHand(t *testing.T) {
	s := compile(t, "hpa-scaling").sit()
	written := atHPA(t, "unread")
	forged := written.but(t, `hpa: {status: {conditions: [{type: ScalingActive, status: "True"}]}}`)
	s.pass("autoscaler", written.StartedAt)
	// The controller writes its own status every 15 s, however often somebody forges it in between.
	for sync := time.Duration(0); sync < 2*time.Minute; sync += 15 * time.Second {
		for _, later := range []time.Duration{0, 7 * time.Second, 14 * time.Second} {
			task := taskOf(t, s.look(t, forged, sync+later), "autoscaler")
			if task.State == v1beta1.TaskPassed {
				t.Fatalf("passed by a forged status after %v", sync+later)
			}
			if !strings.HasPrefix(unmet(task), "this stays so for 20s") {
				t.Fatalf("the forged status is no near miss:\n%s", unmet(task))
			}
		}
		s.look(t, written, sync+14500*time.Millisecond)
	}
}

func TestLiveQuestionOfHPAScaling(t *testing.T) {
	all := load(t)
	var expression string
	for _, answer := range all.keys["kubernetes"].Spec.Answers {
		if answer.ID == "k8s-04" {
			expression = answer.Live.Expression
		}
	}
	live, err := check.CompileLive(&all.exercises["hpa-scaling"].Spec, v1beta1.QuestionTypeNumber, expression)
	if err != nil {
		t.Fatal(err)
	}
	pod := func(name, cpu string) string {
		return `{metadata: {name: ` + name + `}, spec: {containers: [{name: web, resources: {requests: {cpu: "` + cpu + `"}}}]}, status: {phase: Running}}`
	}
	for name, tc := range map[string]struct {
		state, patch string
		want         []any
	}{
		"as recorded, at 100m":           {state: "active", want: []any{int64(12)}},
		"the same with five pods":        {state: "scaled", want: []any{int64(12), int64(12), int64(12), int64(12), int64(12)}},
		"an odd request is rounded up":   {state: "active", patch: `pods: [` + pod("a", "70m") + `]`, want: []any{int64(18)}},
		"a whole result is not":          {state: "active", patch: `pods: [` + pod("a", "0.2") + `]`, want: []any{int64(6)}},
		"both are right while it rolls":  {state: "active", patch: `pods: [` + pod("a", "50m") + `, ` + pod("b", "200m") + `]`, want: []any{int64(24), int64(6)}},
		"another target counts":          {state: "active", patch: `hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}]}}`, want: []any{int64(8)}},
		"by the CPU of the container":    {state: "active", patch: `hpa: ` + byContainer("web", 50), want: []any{int64(12)}},
		"nothing without an autoscaler":  {state: "active", patch: `hpa: null`},
		"nothing without running pods":   {state: "active", patch: `pods: []`},
		"nothing without a request":      {state: "start", patch: `hpa: {spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 50}}}]}}`},
		"nothing by another metric type": {state: "active", patch: `hpa: {spec: {metrics: [{type: Pods}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := readScene(t, "hpa-scaling", tc.state).but(t, tc.patch)
			got, err := live.Values(t.Context(), check.Input{Evidence: r.snapshot(&all.exercises["hpa-scaling"].Spec), Now: r.Now})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Values); diff != "" {
				t.Errorf("right values (-want +got):\n%s", diff)
			}
			if (got.Pending == "") != (len(tc.want) > 0) {
				t.Errorf("pending: %q", got.Pending)
			}
		})
	}
}
