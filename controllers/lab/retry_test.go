package lab

import (
	"errors"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

func TestLastingErrorsAreInTheConditionsTheyHoldUp(t *testing.T) {
	lab := &v1beta1.Lab{}
	s := &scope{original: lab, lab: lab.DeepCopy(), now: time.Unix(1000, 0), memory: &localState{}, lasting: "has been failing for more than 30s: no leader"}
	s.provisioned = conditions.False(v1beta1.ReasonProvisioning, "The exercise is being set up in namespace lab-a")
	s.mark(sorted{retry: errors.New("no leader")})
	for kind, want := range map[string]string{
		v1beta1.ConditionProvisioned: "The exercise is being set up in namespace lab-a; this has been failing for more than 30s: no leader",
		v1beta1.ConditionReady:       "The exercise is being set up in namespace lab-a; this has been failing for more than 30s: no leader",
		v1beta1.ConditionStalled:     "Work on this lab has been failing for more than 30s: no leader",
	} {
		if c := meta.FindStatusCondition(s.lab.Status.Conditions, kind); c == nil || c.Message != want {
			t.Errorf("%s: %+v, want %q", kind, c, want)
		}
	}
}

func TestLastingErrorsLeaveTheConditions(t *testing.T) {
	lasting := "has been failing for more than 30s: no leader"
	lab := &v1beta1.Lab{Status: v1beta1.LabStatus{
		Environment: &v1beta1.LabEnvironment{NamespaceUID: "u", SetupHash: "r"},
		Conditions: []metav1.Condition{
			{Type: v1beta1.ConditionProvisioned, Status: metav1.ConditionTrue, Reason: v1beta1.ReasonProvisioned, Message: "set up"},
			{Type: v1beta1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1beta1.ReasonNotReadyYet, Message: "Waiting until web runs"},
		},
	}}
	failed := sorted{retry: errors.New("no leader")}
	for i, step := range []struct{ lasting, ready string }{
		{lasting, "Waiting until web runs; this " + lasting},
		{lasting, "Waiting until web runs; this " + lasting},
		{"", "Waiting until web runs"},
	} {
		s := &scope{original: lab, lab: lab.DeepCopy(), now: time.Unix(1000, 0), memory: &localState{}, lasting: step.lasting}
		s.mark(failed)
		if c := meta.FindStatusCondition(s.lab.Status.Conditions, v1beta1.ConditionReady); c.Message != step.ready {
			t.Errorf("step %d: Ready says %q, want %q", i, c.Message, step.ready)
		}
		if c := meta.FindStatusCondition(s.lab.Status.Conditions, v1beta1.ConditionProvisioned); c.Message != "set up" {
			t.Errorf("step %d: Provisioned says %q", i, c.Message)
		}
		lab = s.lab
	}
}

func TestStalledLabsAreTriedLessAndLessOften(t *testing.T) {
	now := time.Unix(100_000, 0)
	for age, want := range map[time.Duration]time.Duration{
		0: 15 * time.Second, 20 * time.Second: 15 * time.Second, time.Minute: 30 * time.Second, 4 * time.Minute: 2 * time.Minute,
		time.Hour: 5 * time.Minute, -24 * time.Hour: 15 * time.Second, 48 * time.Hour: 5 * time.Minute,
	} {
		s := &scope{now: now, lab: &v1beta1.Lab{Status: v1beta1.LabStatus{Conditions: []metav1.Condition{{
			Type: v1beta1.ConditionStalled, Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(now.Add(-age)),
		}}}}}
		if got := s.faultRecheck(); got != want {
			t.Errorf("stalled for %s: tried again after %s, want %s", age, got, want)
		}
	}
}

// TestAHiccupTakesNoWords is about an operator that was restarted and cannot read what a lab is pinned to for a moment.
func TestAHiccupTakesNoWords(t *testing.T) {
	before := &v1beta1.Lab{Status: v1beta1.LabStatus{
		Phase: v1beta1.LabInProgress, Revision: "r", Next: "Task raise: Raise the level.", Notices: []string{"pod web-1 finds no node"},
		Environment: &v1beta1.LabEnvironment{NamespaceUID: "u", SetupHash: "r"},
	}}
	s := &scope{original: before, environment: environmentResumed, lab: before.DeepCopy(), now: time.Unix(1000, 0), memory: &localState{}}
	s.mark(sorted{retry: errors.New("etcdserver: no leader")})
	s.summarize()
	if s.lab.Status.Next != before.Status.Next || len(s.lab.Status.Notices) != 1 || s.lab.Status.Phase != v1beta1.LabInProgress {
		t.Errorf("the status says %q, %v in phase %s", s.lab.Status.Next, s.lab.Status.Notices, s.lab.Status.Phase)
	}
}
