package lab

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

// checkReadiness tells whether the cluster serves what the exercise requires, and whether its workloads are up.
// An outage makes the lab not ready; it fails no task and loses none. A learner who could begin may take the workloads
// apart, which is what many exercises are about: readyWhen is not evaluated again in the same environment.
func (r *Reconciler) checkReadiness(ctx context.Context, s *scope) error {
	if !s.environment.isSetUp() {
		return nil
	}
	awaited := ""
	for _, required := range s.pinned.Bundle.Exercise.Requires {
		seen := s.snapshot[requireSource+required.API]
		if seen.State == check.NotSynced && s.environment.isResumed() {
			return nil
		}
		if seen.State == check.NotSynced {
			awaited = required.API
			continue
		}
		switch ok, why := available(seen); {
		case ok:
		case why != "":
			s.ready = conditions.False(v1beta1.ReasonRequirementMissing, fmt.Sprintf("%s is installed in the cluster and does not answer: %s. It is looked at again", required.API, why))
			return nil
		default:
			s.ready = conditions.False(v1beta1.ReasonRequirementMissing, fmt.Sprintf("The cluster does not serve %s: %s", required.API, required.Remedy))
			return nil
		}
	}
	if awaited != "" {
		s.ready = conditions.False(v1beta1.ReasonNotReadyYet, "Looking whether the cluster serves "+awaited)
		return nil
	}
	ready := s.environment == environmentReady
	var unmet []v1beta1.CheckResult
	if !ready {
		ready, unmet = s.pinned.Checks.Ready(ctx, s.input())
	}
	if ready {
		s.ready = conditions.True(v1beta1.ReasonReady, fmt.Sprintf(
			"You can work in namespace %s. For a fresh environment, set spec.environment to Absent, then to Present: passed tasks stay passed", s.namespace))
		return nil
	}
	if s.awaitsEvidence() {
		return nil
	}
	waits := make([]string, 0, len(unmet))
	for _, result := range unmet {
		waits = append(waits, result.Expected)
	}
	s.ready = conditions.False(v1beta1.ReasonNotReadyYet, "Waiting until "+strings.Join(waits, "; and until "))
	return nil
}

// apiServiceName is the name under which the API server keeps a group and version that it serves.
func apiServiceName(api string) string {
	group, version, _ := strings.Cut(api, "/")
	return version + "." + group
}

// available reads the condition Available of an APIService, and why one that is there does not answer.
func available(seen check.Observation) (ok bool, why string) {
	if seen.State != check.Seen {
		return false, ""
	}
	condition := conditionOf(asObject(seen.Value), "Available")
	if condition["status"] == "True" {
		return true, ""
	}
	message, _ := condition["message"].(string)
	return false, strings.TrimRight(cmp.Or(message, "it is not available yet"), ".")
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
		state := check.TaskState{Name: task.Name, Outputs: task.Outputs}
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
