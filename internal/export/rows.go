// Package export makes rows for people, spreadsheets and programs from what is known of a Workshop: one for each attendee
// and lab. It does no I/O but to the writer that it is given.
package export

import (
	"cmp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/progress"
	"github.com/lab-operator/lab-operator/internal/roster"
)

// Phases of a row that has no Lab.
const (
	// PhaseNotStarted means that there is no Lab yet, and no LabResult of an earlier one.
	PhaseNotStarted = "NotStarted"
	// PhaseRemoved means that the Lab is gone, and its LabResult is left.
	PhaseRemoved = "Removed"
)

// Row is what one attendee has achieved in one lab. The names of its fields are those of the JSON and of the CSV: programs
// of facilitators read them, so they stay as they are.
type Row struct {
	// Attendee is the name in the roster.
	Attendee string `json:"attendee"`
	// DisplayName is the name for people. It is empty for those who are not in the roster any more.
	DisplayName string `json:"displayName"`
	// Lab is the name of the Lab.
	Lab string `json:"lab"`
	// Topic of the Lab.
	Topic string `json:"topic"`
	// Exercise of the Lab. It is empty while nobody knows which one the topic's first is.
	Exercise string `json:"exercise"`
	// Phase is that of the Lab, or one of those above.
	Phase string `json:"phase"`
	// TasksPassed is how many tasks were passed, of Tasks.
	TasksPassed int32 `json:"tasksPassed"`
	// Tasks is how many there are.
	Tasks int32 `json:"tasks"`
	// QuestionsRight is how many questions were answered correctly, of Questions.
	QuestionsRight int32 `json:"questionsRight"`
	// Questions is how many there are.
	Questions int32 `json:"questions"`
	// ScorePercent is the points earned out of the points there are.
	ScorePercent int32 `json:"scorePercent"`
	// StartedAt is when the attendee's lab could first be worked on.
	StartedAt *metav1.Time `json:"startedAt"`
	// CompletedAt is when the lab was completed.
	CompletedAt *metav1.Time `json:"completedAt"`
	// Minutes is how long it took to complete the lab, from the opening of the workshop at the earliest.
	Minutes *int64 `json:"minutes"`
}

// Rows are all there is to tell of a workshop: the attendees in the order of the roster with their labs in the order of the
// spec, then by name those who are not in the roster any more. Labs and results of other workshops are left out.
func Rows(workshop *v1beta1.Workshop, labs []v1beta1.Lab, results []v1beta1.LabResult) []Row {
	key := types.NamespacedName{Namespace: workshop.Namespace, Name: workshop.Name}
	seats := map[string]*seat{}
	at := func(handle, attendee string) *seat {
		if seats[handle] == nil {
			seats[handle] = &seat{attendee: v1beta1.Attendee{Name: attendee}}
		}
		return seats[handle]
	}
	for i := range labs {
		// Whoever may make Labs can give one any labels; what counts is where it stands.
		if found, ok := roster.SeatOf(&labs[i]); ok && found.Workshop == key {
			at(found.Handle, found.Attendee).addLab(&labs[i])
		}
	}
	for i := range results {
		if spec := &results[i].Spec; results[i].Namespace == workshop.Namespace && spec.Workshop == workshop.Name {
			// The label says whose it is, since the LabResult of somebody who is not in the roster may have no name but the handle.
			s := at(cmp.Or(results[i].Labels[v1beta1.AttendeeLabel], roster.Handle(spec.Attendee)), spec.Attendee)
			s.attendee.Name = spec.Attendee
			s.results = append(s.results, spec)
		}
	}

	var rows []Row
	for _, attendee := range workshop.Spec.Attendees {
		handle := roster.Handle(attendee.Name)
		s := at(handle, attendee.Name)
		s.attendee = attendee
		s.plan(workshop.Spec.LabTemplates)
		rows = append(rows, s.rows(workshop)...)
		delete(seats, handle)
	}
	removed := make([]*seat, 0, len(seats))
	for _, s := range seats {
		removed = append(removed, s)
	}
	slices.SortFunc(removed, func(a, b *seat) int { return strings.Compare(a.attendee.Name, b.attendee.Name) })
	for _, s := range removed {
		rows = append(rows, s.rows(workshop)...)
	}
	return rows
}

// seat is what there is of one attendee.
type seat struct {
	attendee v1beta1.Attendee
	entries  []*entry
	results  []*v1beta1.LabResultSpec
}

// entry becomes a row.
type entry struct {
	lab, topic, exercise string
	now                  *v1beta1.Lab
	recorded             *v1beta1.LabResultSpec
}

func (s *seat) addLab(lab *v1beta1.Lab) {
	exercise := cmp.Or(lab.Status.Exercise, lab.Spec.Exercise)
	s.entries = append(s.entries, &entry{lab: lab.Name, topic: lab.Spec.Topic, exercise: exercise, now: lab})
}

// plan adds the labs that the attendee should have and does not have yet.
func (s *seat) plan(templates []v1beta1.LabTemplate) {
	for _, template := range templates {
		if !slices.ContainsFunc(s.entries, func(e *entry) bool { return e.lab == template.Name }) {
			s.entries = append(s.entries, &entry{lab: template.Name, topic: template.Spec.Topic, exercise: template.Spec.Exercise})
		}
	}
}

// remember gives each LabResult to its lab. One that has none, since the spec names another exercise by now, is kept for itself.
func (s *seat) remember() {
	// Of several exercises that may have been the topic's first, the last one started is the one of now.
	slices.SortFunc(s.results, func(a, b *v1beta1.LabResultSpec) int {
		return cmp.Or(startOf(b).Compare(startOf(a)), strings.Compare(a.Exercise, b.Exercise))
	})
	for _, result := range s.results {
		fits := func(e *entry) bool {
			return e.recorded == nil && e.lab == result.Lab &&
				(e.exercise == result.Exercise || e.exercise == "" && e.topic == result.Topic)
		}
		at := slices.IndexFunc(s.entries, fits)
		if at < 0 {
			s.entries = append(s.entries, &entry{lab: result.Lab, topic: result.Topic})
			at = len(s.entries) - 1
		}
		s.entries[at].exercise, s.entries[at].recorded = result.Exercise, result
	}
}

func startOf(result *v1beta1.LabResultSpec) time.Time {
	if result.StartedAt == nil {
		return time.Time{}
	}
	return result.StartedAt.Time
}

func (s *seat) rows(workshop *v1beta1.Workshop) []Row {
	s.remember()
	place := func(e *entry) int {
		at := slices.IndexFunc(workshop.Spec.LabTemplates, func(template v1beta1.LabTemplate) bool { return template.Name == e.lab })
		if at < 0 {
			return len(workshop.Spec.LabTemplates)
		}
		return at
	}
	slices.SortFunc(s.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.lab, b.lab), strings.Compare(a.exercise, b.exercise))
	})
	rows := make([]Row, 0, len(s.entries))
	for _, e := range s.entries {
		row := e.row(workshop.Spec.OpensAt)
		row.Attendee, row.DisplayName = s.attendee.Name, s.attendee.DisplayName
		rows = append(rows, row)
	}
	return rows
}

func (e *entry) row(opensAt *metav1.Time) Row {
	var status *v1beta1.LabStatus
	if e.now != nil {
		status = &e.now.Status
	}
	p := progress.Of(status, e.recorded)
	return Row{
		Lab: e.lab, Topic: e.topic, Exercise: e.exercise, Phase: e.phase(),
		TasksPassed: p.TasksPassed, Tasks: p.TasksTotal, QuestionsRight: p.QuestionsRight, Questions: p.QuestionsTotal,
		ScorePercent: p.ScorePercent, StartedAt: p.ReadyAt, CompletedAt: p.CompletedAt, Minutes: minutes(p, opensAt),
	}
}

// minutes is how long it took to complete a lab. A lab can be ready before the workshop opens: nobody worked then, but for
// those who had completed it when the opening was put off.
func minutes(p progress.Progress, opensAt *metav1.Time) *int64 {
	if p.ReadyAt == nil || p.CompletedAt == nil {
		return nil
	}
	start := p.ReadyAt.Time
	if opensAt != nil && opensAt.After(start) && opensAt.Before(p.CompletedAt) {
		start = opensAt.Time
	}
	taken := max(0, int64(p.CompletedAt.Sub(start).Round(time.Minute)/time.Minute))
	return &taken
}

func (e *entry) phase() string {
	switch {
	case e.now != nil:
		// The operator gives a phase to a Lab when it has first seen it.
		return string(cmp.Or(e.now.Status.Phase, v1beta1.LabPending))
	case e.recorded != nil:
		return PhaseRemoved
	default:
		return PhaseNotStarted
	}
}
