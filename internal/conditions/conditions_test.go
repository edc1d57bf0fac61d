package conditions_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/internal/conditions"
)

func TestSet(t *testing.T) {
	nine := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	before := metav1.Condition{
		Type: "Ready", Status: metav1.ConditionFalse, Reason: "Waiting", Message: "web starts",
		ObservedGeneration: 1, LastTransitionTime: metav1.NewTime(nine),
	}
	tests := map[string]struct {
		before []metav1.Condition
		state  conditions.State
		want   metav1.Condition
	}{
		"a condition that was never set": {
			state: conditions.True("Ready", "web runs"),
			want: metav1.Condition{
				Type: "Ready", Status: metav1.ConditionTrue, Reason: "Ready", Message: "web runs",
				ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(nine.Add(time.Minute)),
			},
		},
		"a change of the status is a transition": {
			before: []metav1.Condition{before}, state: conditions.True("Ready", "web runs"),
			want: metav1.Condition{
				Type: "Ready", Status: metav1.ConditionTrue, Reason: "Ready", Message: "web runs",
				ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(nine.Add(time.Minute)),
			},
		},
		"a change of the words is none": {
			before: []metav1.Condition{before}, state: conditions.False("Waiting", "db starts"),
			want: metav1.Condition{
				Type: "Ready", Status: metav1.ConditionFalse, Reason: "Waiting", Message: "db starts",
				ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(nine),
			},
		},
		"what was said before can be said again": {
			before: []metav1.Condition{before}, state: conditions.Of(&before),
			want: metav1.Condition{
				Type: "Ready", Status: metav1.ConditionFalse, Reason: "Waiting", Message: "web starts",
				ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(nine),
			},
		},
		"a message is one line": {
			before: []metav1.Condition{before}, state: conditions.False("Waiting", "a\x1b[2J\nb"),
			want: metav1.Condition{
				Type: "Ready", Status: metav1.ConditionFalse, Reason: "Waiting", Message: "a[2J b",
				ObservedGeneration: 2, LastTransitionTime: metav1.NewTime(nine),
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := tc.before
			conditions.Set(&got, "Ready", tc.state, 2, nine.Add(time.Minute+300*time.Millisecond))
			if diff := cmp.Diff([]metav1.Condition{tc.want}, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesAreBounded(t *testing.T) {
	var got []metav1.Condition
	conditions.Set(&got, "Ready", conditions.False("Waiting", strings.Repeat("ü", 40000)), 1, time.Now())
	if n := utf8.RuneCountInString(got[0].Message); n != 32768 {
		t.Errorf("the message has %d characters, the bound of the API is 32768", n)
	}
}
