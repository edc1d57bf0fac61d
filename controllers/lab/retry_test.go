package lab

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func TestErrorsThatLastAreTold(t *testing.T) {
	began := time.Unix(10_000, 0)
	away := answer(http.StatusInternalServerError, metav1.StatusReasonInternalError,
		`Internal error occurred: failed calling webhook "team.example.com": failed to call webhook: connection refused`)
	m := &memory{}
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
		if got := m.lasts(step.err, began.Add(step.after)); (got == "") != (step.want == "") || !strings.Contains(got, step.want) {
			t.Errorf("after %s: told %q, want %q", step.after, got, step.want)
		}
	}
}

func TestLastingErrorsAreInTheConditionsTheyHoldUp(t *testing.T) {
	lab := &v1alpha1.Lab{}
	s := &scope{before: lab, lab: lab.DeepCopy(), now: time.Unix(1000, 0), memory: &memory{}, lasting: "has been failing for more than 30s: no leader"}
	s.provisioned = no(v1alpha1.ReasonProvisioning, "The exercise is being set up in namespace lab-a")
	s.mark(sorted{retry: errors.New("no leader")})
	for kind, want := range map[string]string{
		v1alpha1.ConditionProvisioned: "The exercise is being set up in namespace lab-a; this has been failing for more than 30s: no leader",
		v1alpha1.ConditionReady:       "The exercise is being set up in namespace lab-a; this has been failing for more than 30s: no leader",
		v1alpha1.ConditionStalled:     "Work on this lab has been failing for more than 30s: no leader",
	} {
		if c := meta.FindStatusCondition(s.lab.Status.Conditions, kind); c == nil || c.Message != want {
			t.Errorf("%s: %+v, want %q", kind, c, want)
		}
	}
}

func TestStalledLabsAreTriedLessAndLessOften(t *testing.T) {
	now := time.Unix(100_000, 0)
	for age, want := range map[time.Duration]time.Duration{
		0: 15 * time.Second, 20 * time.Second: 15 * time.Second, time.Minute: 30 * time.Second, 4 * time.Minute: 2 * time.Minute,
		time.Hour: 5 * time.Minute, -24 * time.Hour: 15 * time.Second, 48 * time.Hour: 5 * time.Minute,
	} {
		s := &scope{now: now, lab: &v1alpha1.Lab{Status: v1alpha1.LabStatus{Conditions: []metav1.Condition{{
			Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(now.Add(-age)),
		}}}}}
		if got := s.faultRecheck(); got != want {
			t.Errorf("stalled for %s: tried again after %s, want %s", age, got, want)
		}
	}
}

// TestAHiccupTakesNoWords is about an operator that was restarted and cannot read what a lab is pinned to for a moment.
func TestAHiccupTakesNoWords(t *testing.T) {
	before := &v1alpha1.Lab{Status: v1alpha1.LabStatus{
		Phase: v1alpha1.LabInProgress, Revision: "r", Next: "Task raise: Raise the level.", Notices: []string{"pod web-1 finds no node"},
		Environment: &v1alpha1.LabEnvironment{NamespaceUID: "u", SetupHash: "r"},
	}}
	s := &scope{before: before, lab: before.DeepCopy(), now: time.Unix(1000, 0), memory: &memory{}}
	s.mark(sorted{retry: errors.New("etcdserver: no leader")})
	s.summarize()
	if s.lab.Status.Next != before.Status.Next || len(s.lab.Status.Notices) != 1 || s.lab.Status.Phase != v1alpha1.LabInProgress {
		t.Errorf("the status says %q, %v in phase %s", s.lab.Status.Next, s.lab.Status.Notices, s.lab.Status.Phase)
	}
}
