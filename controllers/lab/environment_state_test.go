package lab

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestEnvironmentOf(t *testing.T) {
	started := metav1.NewTime(time.Unix(1000, 0))
	namespace := func(edit func(found *metav1.PartialObjectMetadata)) *metav1.PartialObjectMetadata {
		found := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{UID: "n", Labels: map[string]string{v1beta1.LabUIDLabel: "u"}}}
		edit(found)
		return found
	}
	ours := namespace(func(*metav1.PartialObjectMetadata) {})
	applied := &v1beta1.LabEnvironment{NamespaceUID: "n", SetupHash: "h", StartedAt: &started}
	readySince := func(at time.Time) []metav1.Condition {
		return []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(at)}}
	}
	tests := map[string]struct {
		status v1beta1.LabStatus
		found  *metav1.PartialObjectMetadata
		want   environment
	}{
		"no namespace":                        {v1beta1.LabStatus{Environment: applied}, nil, environmentNone},
		"a namespace without a UID":           {v1beta1.LabStatus{Environment: applied}, namespace(func(n *metav1.PartialObjectMetadata) { n.Labels = nil }), environmentForeign},
		"a namespace of another lab":          {v1beta1.LabStatus{}, namespace(func(n *metav1.PartialObjectMetadata) { n.Labels[v1beta1.LabUIDLabel] = "v" }), environmentForeign},
		"a namespace that is going":           {v1beta1.LabStatus{Environment: applied}, namespace(func(n *metav1.PartialObjectMetadata) { n.DeletionTimestamp = &started }), environmentTerminating},
		"a foreign namespace that is going":   {v1beta1.LabStatus{}, namespace(func(n *metav1.PartialObjectMetadata) { n.Labels, n.DeletionTimestamp = nil, &started }), environmentForeign},
		"a namespace without a status":        {v1beta1.LabStatus{}, ours, environmentCreating},
		"a namespace in place of another":     {v1beta1.LabStatus{Environment: applied}, namespace(func(n *metav1.PartialObjectMetadata) { n.UID = "m" }), environmentCreating},
		"a setup that is not complete":        {v1beta1.LabStatus{Environment: &v1beta1.LabEnvironment{NamespaceUID: "n"}}, ours, environmentCreating},
		"a setup that is complete":            {v1beta1.LabStatus{Environment: applied}, ours, environmentResumed},
		"a learner who can work":              {v1beta1.LabStatus{Environment: applied, Conditions: readySince(started.Time)}, ours, environmentReady},
		"a learner who could work in another": {v1beta1.LabStatus{Environment: applied, Conditions: readySince(started.Add(-time.Second))}, ours, environmentResumed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := &v1beta1.Lab{Status: tc.status}
			lab.UID = "u"
			if got := environmentOf(lab, tc.found); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}
