package labs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// scene is a state of a cluster at one moment, as it was seen while somebody worked on an exercise, without what no check reads.
type scene struct {
	// Now is when it was seen, StartedAt when that lab started.
	Now, StartedAt time.Time
	// evidence by name.
	evidence map[string]any
}

func readScene(t *testing.T, exercise, state string) scene {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(exercise, "testdata", state+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var r scene
	if err := yaml.Unmarshal(data, &r.evidence); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]*time.Time{"now": &r.Now, "startedAt": &r.StartedAt} {
		text, _ := r.evidence[name].(string)
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			t.Fatal(err)
		}
		delete(r.evidence, name)
	}
	return r
}

// but is the scene with changes to its evidence, written as a merge patch.
func (r scene) but(t *testing.T, patch string) scene {
	t.Helper()
	var changes map[string]any
	if err := yaml.Unmarshal([]byte(patch), &changes); err != nil {
		t.Fatal(err)
	}
	r.evidence = merge(r.evidence, changes).(map[string]any)
	return r
}

// merge applies a merge patch: maps are merged, null deletes, anything else replaces.
func merge(to, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := map[string]any{}
	if old, ok := to.(map[string]any); ok {
		for key, value := range old {
			merged[key] = value
		}
	}
	for key, value := range changes {
		if value == nil {
			delete(merged, key)
			continue
		}
		merged[key] = merge(merged[key], value)
	}
	return merged
}

// snapshot is the evidence as checks get it. What the scene has not is missing.
func (r scene) snapshot(spec *v1beta1.ExerciseSpec) check.Snapshot {
	snapshot := check.Snapshot{}
	for _, evidence := range spec.Evidence {
		value, seen := r.evidence[evidence.Name]
		switch {
		case seen:
			snapshot[evidence.Name] = check.Observation{State: check.Seen, Value: whole(value)}
		case evidence.List != nil:
			snapshot[evidence.Name] = check.Observation{State: check.Seen, Value: []any{}}
		default:
			snapshot[evidence.Name] = check.Observation{State: check.Missing}
		}
	}
	return snapshot
}

// whole turns the whole numbers that YAML reads as floating-point ones into those that a cluster sends.
func whole(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			v[key] = whole(below)
		}
	case []any:
		for i, below := range v {
			v[i] = whole(below)
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return value
}

// compiled is an exercise that can be judged.
type compiled struct {
	spec  *v1beta1.ExerciseSpec
	judge *check.Exercise
}

func compile(t *testing.T, exercise string) compiled {
	t.Helper()
	spec := &load(t).exercises[exercise].Spec
	judge, problems := check.Compile(spec)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return compiled{spec: spec, judge: judge}
}

// sitting is a lab over some time. It keeps what the operator keeps.
type sitting struct {
	compiled
	tasks []check.TaskState
	holds map[string]time.Time
}

func (c compiled) sit() *sitting { return &sitting{compiled: c} }

// pass notes that the tasks before one have been passed some time ago.
func (s *sitting) pass(task string, at time.Time) {
	for _, t := range s.spec.Tasks {
		if t.Name == task {
			return
		}
		s.tasks = append(s.tasks, check.TaskState{Name: t.Name, OpenedAt: at, PassedAt: at})
	}
}

// look judges a scene as it would have been at some time after it was made.
func (s *sitting) look(t *testing.T, r scene, later time.Duration) check.Result {
	t.Helper()
	result := s.judge.Evaluate(t.Context(), check.Input{
		Evidence: r.snapshot(s.spec),
		Lab:      check.LabInfo{Name: "lab", Namespace: "lab-lab", StartedAt: r.StartedAt},
		Now:      r.Now.Add(later),
		Tasks:    s.tasks,
		Holds:    s.holds,
	})
	if len(result.Faults) > 0 {
		t.Errorf("the exercise is at fault: %v", result.Faults)
	}
	s.tasks, s.holds = nil, result.Holds
	for _, task := range result.Tasks {
		s.tasks = append(s.tasks, check.TaskState{Name: task.Name, OpenedAt: task.OpenedAt, PassedAt: task.PassedAt, Outputs: task.Outputs})
	}
	return result
}

// taskOf finds the verdict on a task.
func taskOf(t *testing.T, result check.Result, name string) check.TaskResult {
	t.Helper()
	for _, task := range result.Tasks {
		if task.Name == name {
			return task
		}
	}
	t.Fatalf("there is no task %s", name)
	return check.TaskResult{}
}

// unmet is what a learner reads of a task: each check that is not met.
func unmet(task check.TaskResult) string {
	var lines []string
	for _, c := range task.Checks {
		if c.State != v1beta1.CheckPassed {
			lines = append(lines, c.Expected+": "+c.Observed)
		}
	}
	return strings.Join(lines, "\n")
}
