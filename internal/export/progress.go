package export

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// count is done of all.
type count struct{ done, all int }

// progress is how far somebody got.
type progress struct {
	tasks, questions   count
	score              int32
	started, completed *metav1.Time
}

// progress is that of the Lab, or that of the record where the Lab has less, as one that was just made anew has.
func (e *entry) progress() progress {
	var now, before progress
	if e.now != nil {
		now = ofLab(&e.now.Status)
	}
	if e.record != nil {
		before = ofRecord(e.record)
	}
	best, other := now, before
	if before.compare(now) > 0 {
		best, other = before, now
	}
	// A Lab that was not looked at yet does not know how many there are.
	best.tasks.all = cmp.Or(best.tasks.all, other.tasks.all)
	best.questions.all = cmp.Or(best.questions.all, other.questions.all)
	best.started, best.completed = earliest(now.started, before.started), earliest(now.completed, before.completed)
	return best
}

// compare is positive for the one who is further.
func (p progress) compare(other progress) int {
	completed := func(p progress) int {
		if p.completed != nil {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(completed(p), completed(other)), cmp.Compare(p.score, other.score),
		cmp.Compare(p.tasks.done, other.tasks.done), cmp.Compare(p.questions.done, other.questions.done))
}

// minutes is how long it took to complete the lab. A lab can be ready before the workshop opens: nobody worked then, but for
// those who had completed it when the opening was put off.
func (p progress) minutes(opensAt *metav1.Time) *int64 {
	if p.started == nil || p.completed == nil {
		return nil
	}
	start := p.started.Time
	if opensAt != nil && opensAt.After(start) && opensAt.Before(p.completed) {
		start = opensAt.Time
	}
	taken := max(0, int64(p.completed.Sub(start).Round(time.Minute)/time.Minute))
	return &taken
}

func ofLab(status *v1alpha1.LabStatus) progress {
	p := progress{score: status.ScorePercent, started: status.StartedAt, completed: status.CompletedAt}
	p.tasks.all, p.questions.all = len(status.Tasks), len(status.Questions)
	for _, task := range status.Tasks {
		if task.State == v1alpha1.StatePassed {
			p.tasks.done++
		}
	}
	for _, question := range status.Questions {
		if question.State == v1alpha1.StateRight {
			p.questions.done++
		}
	}
	return p
}

func ofRecord(record *v1alpha1.ResultSpec) progress {
	p := progress{score: record.ScorePercent, started: record.StartedAt, completed: record.CompletedAt}
	p.tasks = count{len(record.Passed), max(len(record.Passed), all(record.Summary.Tasks))}
	for _, question := range record.Questions {
		if question.State == v1alpha1.StateRight {
			p.questions.done++
		}
	}
	p.questions.all = max(len(record.Questions), all(record.Summary.Questions))
	return p
}

// all reads how many there are from a cell, as 4 from 2/4: a record lists only what was done.
func all(cell string) int {
	_, text, _ := strings.Cut(cell, "/")
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func earliest(a, b *metav1.Time) *metav1.Time {
	if a == nil || b != nil && b.Before(a) {
		return b
	}
	return a
}
