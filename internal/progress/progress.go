// Package progress answers how far somebody is with a lab, by the status of the Lab and by the LabResult that outlives it. It
// does no I/O.
package progress

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Progress is how far somebody is with one lab. The zero value is that of somebody whose lab is not there yet.
type Progress struct {
	// TasksPassed is how many tasks have been passed, of TasksTotal.
	TasksPassed, TasksTotal int32
	// QuestionsRight is how many questions were answered correctly, of QuestionsTotal.
	QuestionsRight, QuestionsTotal int32
	// ScorePercent is the points earned out of the points there are.
	ScorePercent int32
	// Started tells whether anything was achieved that would be lost with the Lab: a pass, or an answer that was graded.
	Started bool
	// ReadyAt is when the lab could first be worked on; nil where it could not yet.
	ReadyAt *metav1.Time
	// CompletedAt is when the lab was completed; nil where it is not.
	CompletedAt *metav1.Time
}

// Of is the progress by the status of a Lab, or by its record where that is further: a Lab that was made anew, or lost its
// status, catches up with its record. Either may be nil.
func Of(lab *v1beta1.LabStatus, recorded *v1beta1.LabResultSpec) Progress {
	now, before := ofLab(lab), ofResult(recorded)
	best, other := now, before
	if before.compare(now) > 0 {
		best, other = before, now
	}
	// A Lab that was not looked at yet does not know how many there are.
	best.TasksTotal = cmp.Or(best.TasksTotal, other.TasksTotal)
	best.QuestionsTotal = cmp.Or(best.QuestionsTotal, other.QuestionsTotal)
	best.Started = now.Started || before.Started
	best.ReadyAt, best.CompletedAt = earliest(now.ReadyAt, before.ReadyAt), earliest(now.CompletedAt, before.CompletedAt)
	return best
}

// Started tells whether anything was achieved in a Lab that would be lost with it.
func Started(lab *v1beta1.LabStatus) bool {
	return lab.CompletedAt != nil ||
		slices.ContainsFunc(lab.Tasks, func(task v1beta1.TaskStatus) bool { return task.PassedAt != nil }) ||
		slices.ContainsFunc(lab.Questions, Answered)
}

// Answered tells whether an answer to a question was graded.
func Answered(question v1beta1.QuestionStatus) bool {
	return question.State.IsSettled() || len(question.Attempts) > 0
}

// LastAt is when a task of a Lab was last passed, or else when the Lab could first be worked on; zero where it could not yet.
func LastAt(lab *v1beta1.LabStatus) time.Time {
	var last time.Time
	if lab.StartedAt != nil {
		last = lab.StartedAt.Time
	}
	for _, task := range lab.Tasks {
		if task.PassedAt != nil && task.PassedAt.After(last) {
			last = task.PassedAt.Time
		}
	}
	return last
}

// OpenTask is the first task of a Lab that can be worked on; nil where there is none.
func OpenTask(lab *v1beta1.LabStatus) *v1beta1.TaskStatus {
	at := slices.IndexFunc(lab.Tasks, func(task v1beta1.TaskStatus) bool { return task.State == v1beta1.TaskPending })
	if at < 0 {
		return nil
	}
	return &lab.Tasks[at]
}

func ofLab(lab *v1beta1.LabStatus) Progress {
	if lab == nil {
		return Progress{}
	}
	return Progress{
		TasksPassed: lab.TasksPassed, TasksTotal: lab.TasksTotal,
		QuestionsRight: lab.QuestionsRight, QuestionsTotal: lab.QuestionsTotal,
		ScorePercent: lab.ScorePercent, Started: Started(lab), ReadyAt: lab.StartedAt, CompletedAt: lab.CompletedAt,
	}
}

// ofResult has been started: nothing is recorded of a Lab before that.
func ofResult(recorded *v1beta1.LabResultSpec) Progress {
	if recorded == nil {
		return Progress{}
	}
	return Progress{
		TasksPassed: recorded.TasksPassed, TasksTotal: recorded.TasksTotal,
		QuestionsRight: recorded.QuestionsRight, QuestionsTotal: recorded.QuestionsTotal,
		ScorePercent: recorded.ScorePercent, Started: true, ReadyAt: recorded.StartedAt, CompletedAt: recorded.CompletedAt,
	}
}

// compare is positive for the one that is further.
func (p Progress) compare(other Progress) int {
	completed := func(p Progress) int {
		if p.CompletedAt != nil {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(completed(p), completed(other)), cmp.Compare(p.ScorePercent, other.ScorePercent),
		cmp.Compare(p.TasksPassed, other.TasksPassed), cmp.Compare(p.QuestionsRight, other.QuestionsRight))
}

func earliest(a, b *metav1.Time) *metav1.Time {
	if a == nil || b != nil && b.Before(a) {
		return b
	}
	return a
}
