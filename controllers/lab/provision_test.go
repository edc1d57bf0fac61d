package lab

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestGoingRecheck(t *testing.T) {
	now := time.Unix(1000, 0)
	going := func(ago time.Duration) *metav1.PartialObjectMetadata {
		since := metav1.NewTime(now.Add(-ago))
		return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &since}}
	}
	tests := map[string]struct {
		going *metav1.PartialObjectMetadata
		want  time.Duration
	}{
		"nothing is known":                     {nil, goneRecheck},
		"it was only just deleted":             {&metav1.PartialObjectMetadata{}, goneRecheck},
		"soon at first":                        {going(time.Second), goneRecheck},
		"rarer, the longer it takes":           {going(20 * time.Second), 10 * time.Second},
		"and no rarer than twice a minute":     {going(time.Hour), rarestRecheck},
		"by a clock that is behind, no sooner": {going(-time.Minute), goneRecheck},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := goingRecheck(tc.going, now); got != tc.want {
				t.Errorf("looks again after %s, want %s", got, tc.want)
			}
		})
	}
}
