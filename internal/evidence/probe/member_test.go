package probe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

func TestMember(t *testing.T) {
	http, sql := &v1beta1.HTTPEvidence{}, &v1beta1.SQLEvidence{Query: "select 1"}
	for name, tc := range map[string]struct {
		spec *v1beta1.ProbeEvidence
		want string
	}{
		"nothing":       {nil, ""},
		"none":          {&v1beta1.ProbeEvidence{Target: &v1beta1.ProbeTarget{Service: "web", Port: 80}}, ""},
		"one":           {&v1beta1.ProbeEvidence{Target: &v1beta1.ProbeTarget{Service: "web", Port: 80}, HTTP: http}, "http"},
		"another":       {&v1beta1.ProbeEvidence{SQL: sql}, "sql"},
		"more than one": {&v1beta1.ProbeEvidence{HTTP: http, SQL: sql}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := probe.Member(tc.spec); got != tc.want {
				t.Errorf("the member is %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryMemberHasAnAdapter(t *testing.T) {
	var names []string
	for _, adapter := range adapters.All() {
		names = append(names, adapter.Name)
	}
	if diff := cmp.Diff(probe.Members(), names); diff != "" {
		t.Errorf("members of the API and adapters (-members +adapters):\n%s", diff)
	}
}
