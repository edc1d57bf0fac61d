package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

func TestFind(t *testing.T) {
	ada := v1beta1.Attendee{Name: "ada", DisplayName: "Ada Lovelace"}
	zoe := v1beta1.Attendee{Name: "Zoë Müller"}
	grace := v1beta1.Attendee{Name: "grace.hopper@example.org", DisplayName: "Grace Hopper"}
	all := []v1beta1.Attendee{ada, zoe, grace, {Name: "adam"}, {Name: "li"}}
	tests := map[string]struct {
		attendees []v1beta1.Attendee
		who       string
		want      v1beta1.Attendee
		wantErr   string
	}{
		"by name":                      {all, "ada", ada, ""},
		"by a name of any script":      {all, "Zoë Müller", zoe, ""},
		"by handle":                    {all, roster.Handle(zoe.Name), zoe, ""},
		"a slip of the finger":         {all, "adda", v1beta1.Attendee{}, `workshop kubecon has no attendee "adda": did you mean "ada"?`},
		"case counts":                  {all, "Adam", v1beta1.Attendee{}, `workshop kubecon has no attendee "Adam": did you mean "adam" or "ada"?`},
		"an accent is a letter's slip": {all, "Zoe Muller", v1beta1.Attendee{}, `workshop kubecon has no attendee "Zoe Muller": did you mean "Zoë Müller"?`},
		"by display name":              {all, "Lovelace", v1beta1.Attendee{}, `workshop kubecon has no attendee "Lovelace": did you mean "ada"?`},
		"a part of an address":         {all, "hopper", v1beta1.Attendee{}, `workshop kubecon has no attendee "hopper": did you mean "grace.hopper@example.org"?`},
		"nobody like that":             {all, "wolfgang", v1beta1.Attendee{}, `workshop kubecon has no attendee "wolfgang": kubectl lab results kubecon lists all`},
		"an empty roster":              {nil, "ada", v1beta1.Attendee{}, "workshop kubecon has no attendees"},
		"at most five":                 {named("a1", "a2", "a3", "a4", "a5", "a6"), "a7", v1beta1.Attendee{}, `workshop kubecon has no attendee "a7": did you mean "a1" or "a2" or "a3" or "a4" or "a5"?`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop := &v1beta1.Workshop{ObjectMeta: metav1.ObjectMeta{Name: "kubecon"}, Spec: v1beta1.WorkshopSpec{Attendees: tc.attendees}}
			got, err := find(workshop, tc.who)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("attendee (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.wantErr, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		from, to string
		want     int
	}{
		{"", "", 0}, {"", "ada", 3}, {"ada", "", 3}, {"ada", "ada", 0}, {"ada", "adda", 1}, {"kitten", "sitting", 3}, {"zoe", "zoë", 1},
	} {
		if got := distance(tc.from, tc.to); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.from, tc.to, got, tc.want)
		}
	}
}

func named(names ...string) []v1beta1.Attendee {
	attendees := make([]v1beta1.Attendee, 0, len(names))
	for _, name := range names {
		attendees = append(attendees, v1beta1.Attendee{Name: name})
	}
	return attendees
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
