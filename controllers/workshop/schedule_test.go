package workshop

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// nine is when the workshops of these tests open.
var nine = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func after(d time.Duration) *metav1.Time { return &metav1.Time{Time: nine.Add(d)} }

func lasting(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }

// morning opens at nine and closes at twelve; labs are set up at half past eight, and gone at two.
func morning() *v1beta1.Workshop {
	return &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "workshops", Name: "morning", CreationTimestamp: *after(-24 * time.Hour)},
		Spec: v1beta1.WorkshopSpec{
			OpensAt: after(0), ClosesAt: *after(3 * time.Hour), LeadTime: lasting(30 * time.Minute),
			StuckAfter: lasting(20 * time.Minute), MaxConcurrent: 20,
			OnClose: v1beta1.WorkshopClose{Environments: v1beta1.EnvironmentAbsent}, TTLAfterClosed: lasting(2 * time.Hour),
			LabTemplates: []v1beta1.LabTemplate{
				{Name: "hpa", Spec: v1beta1.LabSpec{Topic: "kubernetes"}},
				{Name: "helm", Spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "helm-release"}},
			},
		},
	}
}

func TestStages(t *testing.T) {
	type moment struct {
		at   time.Duration // from nine
		want stage
		next time.Duration // from nine; 0 for none
	}
	all := func(later time.Duration) []moment {
		return []moment{
			{-31 * time.Minute, early, -30 * time.Minute},
			{-30 * time.Minute, ahead, 1}, // Nine itself.
			{0, open, 3*time.Hour + later},
			{3*time.Hour + later - 1, open, 3*time.Hour + later},
			{3*time.Hour + later, closed, 5*time.Hour + later},
			{5*time.Hour + later, removed, 0},
		}
	}
	tests := map[string]struct {
		change   func(*v1beta1.Workshop)
		attendee v1beta1.Attendee
		moments  []moment
	}{
		"as it is planned": {moments: all(0)},
		"extended for everybody": {
			change: func(w *v1beta1.Workshop) { w.Spec.ExtendBy = lasting(time.Hour) }, moments: all(time.Hour),
		},
		"extended for one as well": {
			change:   func(w *v1beta1.Workshop) { w.Spec.ExtendBy = lasting(time.Hour) },
			attendee: v1beta1.Attendee{ExtendBy: lasting(30 * time.Minute)}, moments: all(90 * time.Minute),
		},
		"opening at once": {
			change:  func(w *v1beta1.Workshop) { w.Spec.OpensAt = nil },
			moments: []moment{{-23 * time.Hour, open, 3 * time.Hour}},
		},
		"never removed": {
			change:  func(w *v1beta1.Workshop) { w.Spec.TTLAfterClosed = nil },
			moments: []moment{{1000 * time.Hour, closed, 0}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop := morning()
			if tc.change != nil {
				tc.change(workshop)
			}
			for _, m := range tc.moments {
				got, next := scheduleOf(workshop, tc.attendee).at(nine.Add(m.at))
				want := time.Time{}
				if m.next != 0 {
					want = nine.Add(m.next).Truncate(time.Second)
				}
				if got != m.want || !next.Equal(want) {
					t.Errorf("at nine %+v: stage %d until %s, want %d until %s", m.at, got, next, m.want, want)
				}
			}
		})
	}
}
