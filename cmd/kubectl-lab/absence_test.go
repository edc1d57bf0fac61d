package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// noon of the day is when the workshop is on, from nine to three.
var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func TestReason(t *testing.T) {
	hours := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	ada := v1beta1.Attendee{Name: "ada"}
	extended := v1beta1.Attendee{Name: "ada", ExtendBy: &metav1.Duration{Duration: time.Hour}}
	const (
		deleted = "the Secret kubecon.ada was deleted; for a new one, with a new token: kubectl -n ws-kubecon-ada-500ba6484b0bf2aa delete serviceaccount learner"
		coming  = "it is being provisioned: kubectl -n workshops get workshop kubecon shows how far that is"
	)
	tests := map[string]struct {
		change   func(*v1beta1.Workshop)
		attendee v1beta1.Attendee
		made     bool
		now      time.Time
		want     string
	}{
		"too early":             {nil, ada, false, hours(-4), "workshop kubecon is not open yet: it opens at 2027-03-01T09:00:00Z"},
		"deleted ahead of time": {nil, ada, true, hours(-4), deleted},
		"being provisioned":     {nil, ada, false, noon, coming},
		"deleted":               {nil, ada, true, noon, deleted},
		"closed":                {nil, ada, true, hours(3), "workshop kubecon closed at 2027-03-01T15:00:00Z"},
		"extended for one":      {nil, extended, false, hours(3), coming},
		"extended for one, who had that time": {nil, extended, false, hours(5),
			"workshop kubecon closed at 2027-03-01T16:00:00Z"},
		"extended for all, and for one": {func(w *v1beta1.Workshop) { w.Spec.ExtendBy = &metav1.Duration{Duration: time.Hour} }, extended, false, hours(4), coming},
		"without an opening":            {func(w *v1beta1.Workshop) { w.Spec.OpensAt = nil }, ada, false, hours(-4), coming},
		"stalled": {func(w *v1beta1.Workshop) {
			w.Status.Conditions = []metav1.Condition{{Type: v1beta1.ConditionStalled, Status: metav1.ConditionTrue, Message: "Topic kafka is missing"}}
		}, ada, false, noon, "workshop kubecon is stalled: Topic kafka is missing"},
		"being deleted": {func(w *v1beta1.Workshop) { w.DeletionTimestamp = &metav1.Time{Time: noon} }, ada, true, noon, "workshop kubecon is being deleted"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop := &v1beta1.Workshop{
				ObjectMeta: metav1.ObjectMeta{Namespace: "workshops", Name: "kubecon"},
				Spec:       v1beta1.WorkshopSpec{OpensAt: &metav1.Time{Time: hours(-3)}, ClosesAt: metav1.Time{Time: hours(3)}},
			}
			if tc.change != nil {
				tc.change(workshop)
			}
			if diff := cmp.Diff(tc.want, reason(workshop, tc.attendee, tc.made, tc.now)); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
		})
	}
}
