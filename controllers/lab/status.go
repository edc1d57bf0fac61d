package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/outage"
)

// mark sets every condition, each time, from what the phases found and from the sorted error.
func (s *scope) mark(verdict sorted) {
	s.lab.Status.ObservedGeneration = s.lab.Generation
	stalled := conditions.False(v1beta1.ReasonNone, "Nothing is wrong with the exercise or the platform")
	switch {
	case verdict.fault != nil:
		stalled = conditions.True(verdict.fault.reason, verdict.fault.message)
	case len(s.faults()) > 0:
		stalled = conditions.True(v1beta1.ReasonCheckFailed, strings.Join(s.faults(), "; "))
	case s.memory.result.refused != "":
		stalled = conditions.True(v1beta1.ReasonResultRefused, s.memory.result.refused)
	case s.memory.review.refused != "":
		stalled = conditions.True(v1beta1.ReasonReviewRefused, s.memory.review.refused)
	case s.lasting != "":
		stalled = conditions.True(v1beta1.ReasonPlatformFailing, "Work on this lab "+s.lasting)
	case verdict.retry != nil:
		// Nobody knows better than before whether something is wrong.
		if old := meta.FindStatusCondition(s.original.Status.Conditions, v1beta1.ConditionStalled); old != nil {
			stalled = conditions.Of(old)
		}
	}
	if s.provisioned.Reason == "" {
		s.provisioned = s.unreached(v1beta1.ConditionProvisioned, verdict)
	}
	if s.lasting != "" && s.provisioned.Status != metav1.ConditionTrue {
		s.provisioned.Message += lastingMark + s.lasting
	}
	if s.ready.Reason == "" {
		s.ready = s.unready(verdict)
		if s.lasting != "" && s.ready.Status != metav1.ConditionTrue && s.provisioned.Status == metav1.ConditionTrue {
			s.ready.Message += lastingMark + s.lasting
		}
	}
	completed := conditions.False(v1beta1.ReasonTasksOpen, "Some task is not passed yet")
	if s.lab.Status.CompletedAt != nil {
		completed = conditions.True(v1beta1.ReasonAllTasksPassed, "Every task has been passed")
	}
	s.set(v1beta1.ConditionProvisioned, s.provisioned)
	s.set(v1beta1.ConditionReady, s.ready)
	s.set(v1beta1.ConditionCompleted, completed)
	s.setWhileTrue(v1beta1.ConditionStalled, stalled)
	if s.outdated.Reason != "" {
		s.setWhileTrue(v1beta1.ConditionCatalogOutdated, s.outdated)
	}
}

// setWhileTrue sets a condition that tells of something abnormal, and removes it where all is well: a learner reads what
// there is.
func (s *scope) setWhileTrue(kind string, c conditions.State) {
	if c.Status == metav1.ConditionFalse {
		meta.RemoveStatusCondition(&s.lab.Status.Conditions, kind)
		return
	}
	s.set(kind, c)
}

// lastingMark precedes what a condition says of an error that lasts.
const lastingMark = "; this "

// faults are those of the checks and of the keys.
func (s *scope) faults() []string {
	if s.evaluated == nil {
		return s.keyFaults
	}
	return append(append([]string{}, s.evaluated.Faults...), s.keyFaults...)
}

// unreached is a condition whose phase was not reached: an environment that stands goes on standing.
func (s *scope) unreached(kind string, verdict sorted) conditions.State {
	if old := meta.FindStatusCondition(s.original.Status.Conditions, kind); old != nil && s.lab.Status.Environment != nil {
		message, _, _ := strings.Cut(old.Message, lastingMark+outage.Begin)
		return conditions.State{Status: old.Status, Reason: old.Reason, Message: message}
	}
	if verdict.fault != nil {
		return conditions.False(verdict.fault.reason, verdict.fault.message)
	}
	return conditions.False(v1beta1.ReasonProvisioning, "The exercise is being set up")
}

// unready explains a lab that cannot be worked on by what keeps it from being set up.
func (s *scope) unready(verdict sorted) conditions.State {
	if s.provisioned.Status == metav1.ConditionTrue {
		return s.unreached(v1beta1.ConditionReady, verdict)
	}
	return conditions.False(s.provisioned.Reason, s.provisioned.Message)
}

func (s *scope) set(kind string, c conditions.State) {
	conditions.Set(&s.lab.Status.Conditions, kind, c, s.lab.Generation, s.now)
}

// summarize fills what is derived from the rest of the status.
func (s *scope) summarize() {
	if s.isGraded() {
		s.score()
		s.showCurrent()
	}
	status := &s.lab.Status
	if !s.judged && status.Environment == nil {
		// What was observed belongs to an environment that is gone.
		status.Current.Task = nil
	}
	status.Notices = s.hints
	status.Phase = s.phase()
	status.Next = s.next()
	if !s.judged && s.environment.isResumed() && s.pinnedIsUnread() {
		// A moment in which something could not be read takes no words away from a learner at work.
		status.Next = s.original.Status.Next
	}
	if !s.judged && s.environment.isResumed() {
		status.Notices = s.original.Status.Notices
	}
}

// isGraded tells whether this reconcile has judged all tasks and graded all answers. What is derived from them stays as it
// is otherwise.
func (s *scope) isGraded() bool { return s.judged && len(s.graded) == len(s.pinned.Bundle.Questions) }

// score counts the tasks and the questions, and the points that they earned.
func (s *scope) score() {
	status := &s.lab.Status
	var tasks, questions, earned int32
	all := int32(len(s.graded))
	for i, task := range status.Tasks {
		points := max(s.pinned.Bundle.Exercise.Tasks[i].Points, 1)
		all += points
		if task.State == v1beta1.TaskPassed {
			tasks, earned = tasks+1, earned+points
		}
	}
	for _, question := range status.Questions {
		if question.State == v1beta1.QuestionRight {
			questions, earned = questions+1, earned+1
		}
	}
	status.ScorePercent = earned * 100 / all
	status.TasksPassed, status.TasksTotal = tasks, int32(len(status.Tasks))
	status.QuestionsRight, status.QuestionsTotal = questions, int32(len(s.graded))
	status.Summary = v1beta1.LabSummary{
		Tasks:     fmt.Sprintf("%d/%d", status.TasksPassed, status.TasksTotal),
		Questions: fmt.Sprintf("%d/%d", status.QuestionsRight, status.QuestionsTotal),
		Score:     fmt.Sprintf("%d%%", status.ScorePercent),
	}
}

// pinnedIsUnread tells whether a lab was started, and what from was not read in this reconcile without anything being
// wrong with it.
func (s *scope) pinnedIsUnread() bool {
	stalled := meta.FindStatusCondition(s.lab.Status.Conditions, v1beta1.ConditionStalled)
	return s.pinned == nil && s.original.Status.Revision != "" && (stalled == nil || stalled.Status != metav1.ConditionTrue)
}

func (s *scope) phase() v1beta1.LabPhase {
	switch {
	case s.lab.Spec.Environment == v1beta1.EnvironmentAbsent:
		return v1beta1.LabAbsent
	case s.lab.Status.CompletedAt != nil:
		return v1beta1.LabCompleted
	case s.pinned == nil && s.lab.Status.Revision == "", s.provisioned.Reason == v1beta1.ReasonNamespaceTaken:
		return v1beta1.LabPending
	case s.lab.Status.Environment == nil:
		return v1beta1.LabProvisioning
	case s.ready.Status != metav1.ConditionTrue && s.original.Status.Phase != v1beta1.LabInProgress:
		return v1beta1.LabProvisioning
	default:
		return v1beta1.LabInProgress
	}
}

// throttle says how long to keep a change back. The first change of a lab is written at once and so is all
// progress; a lab that flaps waits its turn. A clock that was set back keeps nothing back.
func (s *scope) throttle() time.Duration {
	since := s.now.Sub(s.memory.lastWrite)
	if !s.changed() || s.progressed() || since < 0 {
		return 0
	}
	return flapWindow - since
}

func (s *scope) changed() bool {
	return !equality.Semantic.DeepEqual(s.original.Status, s.lab.Status)
}

// progressed tells whether something would be lost if this status were not written. It goes by what is gained once and
// never taken back: what a learner can switch to and fro is no progress, or a learner would decide how often we write.
func (s *scope) progressed() bool {
	before, after := &s.original.Status, &s.lab.Status
	return before.Phase != after.Phase || before.Revision != after.Revision ||
		!equality.Semantic.DeepEqual(before.Environment, after.Environment) ||
		before.CompletedAt == nil && after.CompletedAt != nil ||
		len(newlyPassed(before, after)) > 0 || len(newlyGraded(before, after)) > 0
}

// write is the only place where the status of a Lab is written. It fails on a Lab that changed since it was read.
func (r *Reconciler) write(ctx context.Context, s *scope) error {
	if !s.changed() {
		return nil
	}
	patch := client.MergeFromWithOptions(s.original, client.MergeFromWithOptimisticLock{})
	err := r.Client.Status().Patch(ctx, s.lab, patch, client.FieldOwner(Owner))
	r.Metrics.StatusWritten(err, s.memory.changed)
	if err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	s.memory.lastWrite = s.now
	return nil
}
