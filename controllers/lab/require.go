package lab

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// require looks whether the cluster serves what the exercise needs, and whether its workloads are up.
// An outage makes the lab not ready; it fails no task and loses none. Whoever could begin may take the workloads
// apart, which is what many exercises are about: readyWhen is not asked again in the same environment.
func (r *Reconciler) require(ctx context.Context, s *scope) error {
	if !s.settled() && s.lab.Status.Environment == nil {
		return nil
	}
	for _, required := range s.pinned.Bundle.Exercise.Requires {
		seen := s.snapshot[requireSource+required.API]
		if seen.State == check.NotSynced && s.resumed() {
			return nil
		}
		if seen.State == check.NotSynced {
			s.ready = no(v1alpha1.ReasonNotReadyYet, "Looking whether the cluster serves "+required.API)
			continue
		}
		if !available(seen) {
			s.ready = no(v1alpha1.ReasonRequirementMissing, fmt.Sprintf("The cluster does not serve %s: %s", required.API, required.Help))
			return nil
		}
	}
	if s.ready.reason != "" {
		return nil
	}
	ready := s.began()
	var unmet []v1alpha1.CheckResult
	if !ready {
		ready, unmet = s.pinned.Checks.Ready(ctx, s.input())
	}
	if ready {
		s.ready = yes(v1alpha1.ReasonReady, fmt.Sprintf(
			"You can work in namespace %s. What is there and how to reach it: kubectl get exercise %s -o jsonpath='{.spec.description}'", s.namespace, s.pinned.Bundle.ExerciseName))
		return nil
	}
	if s.unseen() {
		return nil
	}
	waits := make([]string, 0, len(unmet))
	for _, result := range unmet {
		waits = append(waits, result.Needed)
	}
	s.ready = no(v1alpha1.ReasonNotReadyYet, "Waiting until "+strings.Join(waits, "; and until "))
	return nil
}

// began tells whether the learner could work in this environment when the Lab was last written.
func (s *scope) began() bool {
	environment, ready := s.lab.Status.Environment, meta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionReady)
	return environment != nil && environment.StartedAt != nil && ready != nil && ready.Status == metav1.ConditionTrue &&
		!ready.LastTransitionTime.Before(environment.StartedAt)
}

// apiServiceName is the name under which the API server keeps a group and version that it serves.
func apiServiceName(api string) string {
	group, version, _ := strings.Cut(api, "/")
	return version + "." + group
}

// available reads the condition Available of an APIService.
func available(seen check.Observation) bool {
	object, ok := seen.Value.(map[string]any)
	if seen.State != check.Seen || !ok {
		return false
	}
	status, _ := object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["type"] == "Available" {
			return condition["status"] == "True"
		}
	}
	return false
}

// input is what the checks of this lab are evaluated with.
func (s *scope) input() check.Input {
	in := check.Input{
		Evidence: s.snapshot,
		Params:   s.params,
		Lab:      check.LabInfo{Name: s.lab.Name, Namespace: s.namespace},
		Now:      s.now,
		Holds:    s.memory.holds,
	}
	if env := s.lab.Status.Environment; env != nil && env.StartedAt != nil {
		in.Lab.StartedAt = env.StartedAt.Time
	}
	for _, task := range s.lab.Status.Tasks {
		state := check.TaskState{Name: task.Name, Record: task.Record}
		if task.OpenedAt != nil {
			state.OpenedAt = task.OpenedAt.Time
		}
		if task.PassedAt != nil {
			state.PassedAt = task.PassedAt.Time
		}
		in.Tasks = append(in.Tasks, state)
	}
	return in
}
