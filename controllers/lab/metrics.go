package lab

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// recordMetrics tells the metrics what changed, once it is written. Each step of a lab is one write by one writer, so it is
// counted once, however often the lab is reconciled.
func (r *Reconciler) recordMetrics(s *scope) {
	before, after := &s.reported.Status, &s.lab.Status
	topic, exercise := s.lab.Spec.Topic, after.Exercise
	if before.StartedAt == nil && after.StartedAt != nil {
		r.Metrics.Provisioned(s.lab.CreationTimestamp.Time)
	}
	if reason := newlyStalled(before, after); reason != "" {
		r.Metrics.Stalled(reason)
	}
	for range newlyPassed(before, after) {
		r.Metrics.TaskPassed(topic, exercise)
	}
	for _, state := range newlyGraded(before, after) {
		r.Metrics.AnswerGraded(topic, state)
	}
	if before.CompletedAt == nil && after.CompletedAt != nil {
		r.Metrics.LabCompleted(topic, exercise)
	}
}

// newlyStalled is the reason with which a lab stalled between two statuses, empty where it did not.
func newlyStalled(before, after *v1beta1.LabStatus) string {
	was := meta.FindStatusCondition(before.Conditions, v1beta1.ConditionStalled)
	is := meta.FindStatusCondition(after.Conditions, v1beta1.ConditionStalled)
	if is == nil || is.Status != metav1.ConditionTrue {
		return ""
	}
	if was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return ""
	}
	return is.Reason
}

// newlyPassed are the tasks that were passed for the first time between two statuses. A task that has to hold until the
// end may be taken back and passed again: that is no progress.
func newlyPassed(before, after *v1beta1.LabStatus) []string {
	known := map[string]bool{}
	for _, task := range before.Tasks {
		known[task.Name] = task.PassedAt != nil
	}
	var passed []string
	for _, task := range after.Tasks {
		if task.PassedAt != nil && !known[task.Name] {
			passed = append(passed, task.Name)
		}
	}
	return passed
}

// newlyGraded are the states that questions came to between two statuses by an answer that was not tried before.
func newlyGraded(before, after *v1beta1.LabStatus) []v1beta1.QuestionState {
	known := map[string]v1beta1.QuestionStatus{}
	for _, question := range before.Questions {
		known[question.ID] = question
	}
	var graded []v1beta1.QuestionState
	for _, question := range after.Questions {
		was := known[question.ID]
		right := question.State == v1beta1.QuestionRight && was.State != v1beta1.QuestionRight
		wrong := question.State != v1beta1.QuestionRight && len(question.Attempts) > len(was.Attempts)
		if right || wrong {
			graded = append(graded, question.State)
		}
	}
	return graded
}
