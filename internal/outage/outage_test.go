package outage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/lab-operator/lab-operator/internal/outage"
)

func TestErrorsThatLastAreTold(t *testing.T) {
	began := time.Unix(10_000, 0)
	away := apierrors.NewInternalError(errors.New(`failed calling webhook "team.example.com": failed to call webhook: connection refused`))
	timer := outage.Timer{}
	for _, step := range []struct {
		after time.Duration
		err   error
		want  string // part of what is told, empty for nothing
	}{
		{0, away, ""},
		{29 * time.Second, away, ""},
		{30 * time.Second, away, "has been failing for more than 30s: Internal error"},
		{31 * time.Second, away, "Admission webhook team.example.com of this cluster does not answer"},
		{32 * time.Second, nil, ""},
		{33 * time.Second, apierrors.NewInternalError(errors.New("etcdserver: no leader")), ""},
		{90 * time.Second, apierrors.NewInternalError(errors.New("etcdserver: no leader")), "no leader"},
		// The clock is set back: nothing is known of how long it takes.
		{-24 * time.Hour, away, ""},
		{-24*time.Hour + 31*time.Second, away, "has been failing"},
	} {
		if got := timer.Note(step.err, began.Add(step.after)); (got == "") != (step.want == "") || !strings.Contains(got, step.want) {
			t.Errorf("after %s: told %q, want %q", step.after, got, step.want)
		}
	}
}
