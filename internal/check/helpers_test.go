package check

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// start is the time at which the learner of all tests starts.
var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func object(name, apiVersion, kind, object string) v1beta1.Evidence {
	return v1beta1.Evidence{Name: name, Object: &v1beta1.ObjectEvidence{APIVersion: apiVersion, Kind: kind, Name: object}}
}

func list(name, apiVersion, kind string) v1beta1.Evidence {
	return v1beta1.Evidence{Name: name, List: &v1beta1.ListEvidence{APIVersion: apiVersion, Kind: kind, Limit: 100}}
}

// evidence is what all tests can look at.
func evidence() []v1beta1.Evidence {
	return []v1beta1.Evidence{
		object("web", "apps/v1", "Deployment", "web"),
		object("hpa", "autoscaling/v2", "HorizontalPodAutoscaler", "web"),
		object("secret", "v1", "Secret", "login"),
		list("pods", "v1", "Pod"),
	}
}

func spec(tasks ...v1beta1.Task) *v1beta1.ExerciseSpec {
	return &v1beta1.ExerciseSpec{Title: "t", Evidence: evidence(), Tasks: tasks}
}

// aTask has one check for each expression.
func aTask(name string, expressions ...string) v1beta1.Task {
	t := v1beta1.Task{Name: name, Title: name, Instructions: "do it", Points: 1, Mode: v1beta1.TaskOnce}
	for _, e := range expressions {
		t.Checks = append(t.Checks, v1beta1.Check{Expression: e, Expected: "expected"})
	}
	return t
}

func dependingOn(t v1beta1.Task, names ...string) v1beta1.Task {
	t.DependsOn = names
	return t
}

func holding(t v1beta1.Task, holdFor time.Duration) v1beta1.Task {
	t.HoldFor = &metav1.Duration{Duration: holdFor}
	return t
}

func continuous(t v1beta1.Task) v1beta1.Task {
	t.Mode = v1beta1.TaskContinuous
	return t
}

func withOutput(t v1beta1.Task, name, expression string) v1beta1.Task {
	if t.Outputs == nil {
		t.Outputs = map[string]string{}
	}
	t.Outputs[name] = expression
	return t
}

func mustCompile(t testing.TB, s *v1beta1.ExerciseSpec) *Exercise {
	t.Helper()
	e, problems := Compile(s)
	for _, p := range problems {
		t.Errorf("unexpected problem: %s", p)
	}
	if e == nil {
		t.FailNow()
	}
	return e
}

// snapshot is a cluster with a web Deployment, its autoscaler and some pods.
func snapshot() Snapshot {
	return Snapshot{
		"web": {State: Seen, Value: map[string]any{
			"metadata": map[string]any{"name": "web", "uid": "u-1", "annotations": map[string]any{"a/b": "c"}},
			"spec": map[string]any{
				"replicas": int64(2),
				"paused":   nil,
				"template": map[string]any{"spec": map[string]any{"containers": []any{
					map[string]any{"name": "web", "resources": map[string]any{"requests": map[string]any{"cpu": "100m"}}},
					map[string]any{"name": "side"},
				}}},
			},
		}},
		"hpa": {State: Seen, Value: map[string]any{
			"metadata": map[string]any{"name": "web", "uid": "u-2"},
			"spec": map[string]any{
				"minReplicas": int64(1), "maxReplicas": int64(5),
				"scaleTargetRef": map[string]any{"name": "web"},
			},
			"status": map[string]any{"lastScaleTime": "2026-03-01T10:05:00Z", "ratio": 0.5, "conditions": []any{}},
		}},
		"secret": {State: Seen, Value: map[string]any{"data": map[string]any{"password": "aHVudGVyMg=="}}},
		"pods": {State: Seen, Value: []any{
			map[string]any{"metadata": map[string]any{"name": "web-1"}, "status": map[string]any{"phase": "Running"}},
			map[string]any{"metadata": map[string]any{"name": "web-2"}, "status": map[string]any{"phase": "Pending"}},
		}},
	}
}

func input() Input {
	return Input{
		Evidence: snapshot(),
		Lab:      LabInfo{Name: "hpa", Namespace: "lab-hpa", StartedAt: start},
		Now:      start.Add(10 * time.Minute),
	}
}

// evaluate gives a busy machine all the time it needs, so that only the cost limits count.
func evaluate(t testing.TB, e *Exercise, in Input) Result {
	t.Helper()
	return e.evaluate(t.Context(), in)
}

// next carries the durable and the remembered part of a result over to the next evaluation.
func next(in Input, r Result, later time.Duration) Input {
	in.Now = in.Now.Add(later)
	in.Holds = r.Holds
	in.Tasks = nil
	for _, t := range r.Tasks {
		in.Tasks = append(in.Tasks, TaskState{Name: t.Name, OpenedAt: t.OpenedAt, PassedAt: t.PassedAt, Outputs: t.Outputs})
	}
	return in
}

func states(r Result) map[string]v1beta1.TaskState {
	out := map[string]v1beta1.TaskState{}
	for _, t := range r.Tasks {
		out[t.Name] = t.State
	}
	return out
}
