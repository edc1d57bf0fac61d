package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/conditions"
	"github.com/lab-operator/lab-operator/internal/outage"
)

// maxStatus is the size in bytes that the status of a Lab stays under: a room full of labs is listed at once.
const maxStatus = 32 << 10

// mark sets every condition, each time, from what the phases found and from the sorted error.
func (s *scope) mark(verdict sorted) {
	s.lab.Status.ObservedGeneration = s.lab.Generation
	stalled := conditions.False(v1alpha1.ReasonNone, "Nothing is wrong with the exercise or the platform")
	switch {
	case verdict.fault != nil:
		stalled = conditions.True(verdict.fault.reason, verdict.fault.message)
	case len(s.faults()) > 0:
		stalled = conditions.True(v1alpha1.ReasonCheckFailed, strings.Join(s.faults(), "; "))
	case s.memory.unrecorded != "":
		stalled = conditions.True(v1alpha1.ReasonResultRefused, s.memory.unrecorded)
	case s.lasting != "":
		stalled = conditions.True(v1alpha1.ReasonPlatformFailing, "Work on this lab "+s.lasting)
	case verdict.retry != nil:
		// Nobody knows better than before whether something is wrong.
		if old := meta.FindStatusCondition(s.original.Status.Conditions, v1alpha1.ConditionStalled); old != nil {
			stalled = conditions.Of(old)
		}
	}
	if s.provisioned.Reason == "" {
		s.provisioned = s.unreached(v1alpha1.ConditionProvisioned, verdict)
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
	completed := conditions.False(v1alpha1.ReasonTasksOpen, "Some task is not passed yet")
	if s.lab.Status.CompletedAt != nil {
		completed = conditions.True(v1alpha1.ReasonAllTasksPassed, "Every task has been passed")
	}
	s.set(v1alpha1.ConditionProvisioned, s.provisioned)
	s.set(v1alpha1.ConditionReady, s.ready)
	s.set(v1alpha1.ConditionCompleted, completed)
	s.set(v1alpha1.ConditionStalled, stalled)
	if s.outdated.Reason != "" {
		s.set(v1alpha1.ConditionCatalogOutdated, s.outdated)
	}
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
	return conditions.False(v1alpha1.ReasonProvisioning, "The exercise is being set up")
}

// unready explains a lab that cannot be worked on by what keeps it from being set up.
func (s *scope) unready(verdict sorted) conditions.State {
	if s.provisioned.Status == metav1.ConditionTrue {
		return s.unreached(v1alpha1.ConditionReady, verdict)
	}
	return conditions.False(s.provisioned.Reason, s.provisioned.Message)
}

func (s *scope) set(kind string, c conditions.State) {
	conditions.Set(&s.lab.Status.Conditions, kind, c, s.lab.Generation, s.now)
}

// summarize fills what is derived from the rest of the status.
func (s *scope) summarize() {
	status := &s.lab.Status
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

	tasks, questions, earned, all := 0, 0, int32(0), int32(0)
	for _, task := range status.Tasks {
		all += task.Points
		if task.State == v1alpha1.StatePassed {
			tasks, earned = tasks+1, earned+task.Points
		}
	}
	for _, question := range status.Questions {
		all++
		if question.State == v1alpha1.StateRight {
			questions, earned = questions+1, earned+1
		}
	}
	status.Summary = v1alpha1.LabSummary{}
	if all > 0 {
		status.ScorePercent = earned * 100 / all
		status.Summary = v1alpha1.LabSummary{
			Tasks:     fmt.Sprintf("%d/%d", tasks, len(status.Tasks)),
			Questions: fmt.Sprintf("%d/%d", questions, len(status.Questions)),
			Score:     fmt.Sprintf("%d%%", status.ScorePercent),
		}
	}
	fit(status)
}

// pinnedIsUnread tells whether a lab was started, and what from was not read in this reconcile without anything being
// wrong with it.
func (s *scope) pinnedIsUnread() bool {
	stalled := meta.FindStatusCondition(s.lab.Status.Conditions, v1alpha1.ConditionStalled)
	return s.pinned == nil && s.original.Status.Revision != "" && (stalled == nil || stalled.Status != metav1.ConditionTrue)
}

func (s *scope) phase() v1alpha1.LabPhase {
	switch {
	case s.lab.Spec.Environment == v1alpha1.EnvironmentAbsent:
		return v1alpha1.LabAbsent
	case s.lab.Status.CompletedAt != nil:
		return v1alpha1.LabCompleted
	case s.pinned == nil && s.lab.Status.Revision == "", s.provisioned.Reason == v1alpha1.ReasonNamespaceTaken:
		return v1alpha1.LabPending
	case s.lab.Status.Environment == nil:
		return v1alpha1.LabProvisioning
	case s.ready.Status != metav1.ConditionTrue && s.original.Status.Phase != v1alpha1.LabInProgress:
		return v1alpha1.LabProvisioning
	default:
		return v1alpha1.LabInProgress
	}
}

// fit drops what a learner needs least until the status is small enough. It comes back when others are settled. The
// task to work on next is left whole to the last.
func fit(status *v1alpha1.LabStatus) {
	if size(status) <= maxStatus {
		return
	}
	first := slices.IndexFunc(status.Tasks, func(task v1alpha1.TaskStatus) bool {
		return task.State == v1alpha1.StatePending || task.State == v1alpha1.StateError
	})
	eachTask := func(drop func(task *v1alpha1.TaskStatus)) {
		for i := len(status.Tasks) - 1; i >= 0 && size(status) > maxStatus; i-- {
			if i != first {
				drop(&status.Tasks[i])
			}
		}
	}
	eachQuestion := func(drop func(question *v1alpha1.QuestionStatus)) {
		for i := len(status.Questions) - 1; i >= 0 && size(status) > maxStatus; i-- {
			drop(&status.Questions[i])
		}
	}
	eachTask(func(task *v1alpha1.TaskStatus) { task.Todo, task.Verdicts = "", nil })
	for i := 0; i < len(status.Questions) && size(status) > maxStatus; i++ {
		status.Questions[i].ModelAnswer = ""
	}
	eachTask(func(task *v1alpha1.TaskStatus) { task.Needed, task.Seen, task.Tips = "", "", nil })
	eachQuestion(func(question *v1alpha1.QuestionStatus) { question.Options = nil })
	eachQuestion(func(question *v1alpha1.QuestionStatus) { question.Ask = "" })
	if first >= 0 && size(status) > maxStatus {
		status.Tasks[first].Verdicts = nil
	}
}

func size(status *v1alpha1.LabStatus) int {
	data, err := json.Marshal(status)
	if err != nil {
		return 0
	}
	return len(data)
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
