package workshop

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// crowd is a scope of the morning with so many attendees, whose labs have a notice or are not ready.
func crowd(notices ...string) *scope {
	workshop := morning()
	workshop.Spec.LabTemplates = workshop.Spec.LabTemplates[:1]
	key := client.ObjectKeyFromObject(workshop)
	s := &scope{key: key, workshop: workshop, now: nine, memory: (&stateByWorkshop{}).get(key, "")}
	for i, notice := range notices {
		a := s.newAttendee(v1beta1.Attendee{Name: fmt.Sprintf("attendee-%d", i+1)}, fmt.Sprintf("attendee-%d", i+1))
		a.stage = open
		lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: "hpa"}, Status: v1beta1.LabStatus{
			Conditions: []metav1.Condition{{Type: v1beta1.ConditionProvisioned, Status: metav1.ConditionFalse, Message: "Waiting for a namespace"}},
		}}
		if notice != "" {
			lab.Status.Notices = []string{notice}
		}
		a.labs["hpa"] = lab
		s.attendees = append(s.attendees, a)
		s.memory.begun[a.handle] = nine
	}
	return s
}

func TestCrowded(t *testing.T) {
	tests := map[string]struct {
		notices []string
		now     time.Duration // from nine
		want    string
	}{
		"labs that just take their time": {[]string{"", ""}, time.Minute, "False None: No attendee waits for something that does not start"},
		"labs that take too long":        {[]string{"", ""}, maxWait, "True AttendeesWait: 2 of 2 attendees wait for their labs: 2 like attendee-1: Waiting for a namespace"},
		"pods that find no node are one reason, whatever their names": {
			[]string{"pod web-7d9f5c-abcde finds no node: 1 Too many pods", "", "pod web-7d9f5c-fghij finds no node: 1 Too many pods"}, time.Minute,
			"True AttendeesWait: 2 of 3 attendees wait for their labs: 2 like attendee-1: pod web-7d9f5c-abcde finds no node: 1 Too many pods",
		},
		"the most frequent reason comes first": {
			[]string{"image of pod a-1 can't be pulled", "pod b-1 finds no node", "pod b-2 finds no node"}, 0,
			"True AttendeesWait: 3 of 3 attendees wait for their labs: 2 like attendee-2: pod b-1 finds no node; 1 like attendee-1: image of pod a-1 can't be pulled",
		},
		"no more than three reasons": {
			[]string{"a a", "b b", "c c", "d d", "e e"}, 0,
			"True AttendeesWait: 5 of 5 attendees wait for their labs: 1 like attendee-1: a a; 1 like attendee-2: b b; 1 like attendee-3: c c; and for 2 other reasons",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := crowd(tc.notices...)
			s.now = nine.Add(tc.now)
			for _, a := range s.attendees {
				s.findWaiting(a)
			}
			c := s.crowded()
			if diff := cmp.Diff(tc.want, fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message)); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
		})
	}
}

// TestShortTokens is about a cluster whose tokens end before the workshop does.
func TestShortTokens(t *testing.T) {
	tests := map[string]struct {
		expires time.Duration // from nine; the workshop closes at twelve
		want    string
	}{
		"good to the end": {3 * time.Hour, "1 of 2 attendees have access: kubectl lab kubeconfig hands out their kubeconfigs"},
		"an hour": {time.Hour, "1 of 2 attendees have access: kubectl lab kubeconfig hands out their kubeconfigs. " +
			"The cluster's tokens are shorter than the workshop: files are good until 2026-03-01T10:00:00Z at least. Kubeconfigs are renewed before that: hand them out again then"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := seated()
			a.account.Annotations[v1beta1.KubeconfigExpiresAnnotation] = nine.Add(tc.expires).Format(time.RFC3339)
			s := &scope{workshop: morning(), now: nine, summary: summary{phase: v1beta1.WorkshopOpen}}
			s.attendees, s.workshop.Spec.Attendees = []*attendee{a, {stage: closed}}, make([]v1beta1.Attendee, 2)
			s.noteExpiry(a)
			if diff := cmp.Diff(tc.want, s.opened().Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRenewedKubeconfigsAreTold(t *testing.T) {
	recorder := events.NewFakeRecorder(1)
	workshop := morning()
	s := crowd("", "", "")
	s.before = workshop
	s.attendees[0].renewed, s.attendees[2].renewed = true, true
	(&Reconciler{Recorder: recorder}).announce(t.Context(), s)
	const want = "Normal KubeconfigsRenewed The kubeconfigs of 2 attendees were renewed: hand them out again by kubectl lab kubeconfig"
	select {
	case got := <-recorder.Events:
		if got != want {
			t.Errorf("event %q, want %q", got, want)
		}
	default:
		t.Errorf("no event, want %q", want)
	}
}

func TestReasonOf(t *testing.T) {
	answer := func(code int32, reason metav1.StatusReason, message string) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Reason: reason, Message: message, Details: &metav1.StatusDetails{}}}
	}
	forbidden := func(message string) error {
		return answer(http.StatusForbidden, metav1.StatusReasonForbidden, `namespaces "ws-a" is forbidden: `+message)
	}
	tests := map[string]struct {
		err    error
		reason string
		advice string
	}{
		"nothing":                    {nil, "", ""},
		"a namespace that is taken":  {fmt.Errorf("namespace x: %w", errTaken), v1beta1.ReasonNamespaceTaken, "left alone"},
		"a missing right":            {forbidden(`User "o" cannot create resource "namespaces" in API group "" at the cluster scope`), v1beta1.ReasonForbidden, "The operator lacks a right"},
		"a quota":                    {forbidden("exceeded quota: tight, requested: x=1"), v1beta1.ReasonOutOfQuota, "Quota tight has no room"},
		"a policy of the cluster":    {forbidden("ValidatingAdmissionPolicy 'teams' with binding 'teams' denied request: no team"), v1beta1.ReasonRefused, "Admission policy teams of this cluster refuses it"},
		"a policy that answers 422":  {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "ValidatingAdmissionPolicy 'teams' with binding 'teams' denied request: no team"), v1beta1.ReasonRefused, "Admission policy teams"},
		"a webhook":                  {forbidden(`admission webhook "check.example.org" denied the request: no`), v1beta1.ReasonRefused, "Admission webhook check.example.org"},
		"a webhook that answers 400": {answer(http.StatusBadRequest, metav1.StatusReasonBadRequest, `admission webhook "check.example.org" denied the request: no`), v1beta1.ReasonRefused, "Admission webhook check.example.org"},
		"a webhook that is away":     {apierrors.NewInternalError(errors.New(`failed calling webhook "check.example.org": timeout`)), v1beta1.ReasonRefused, "does not answer"},
		"our own policy":             {forbidden("ValidatingAdmissionPolicy 'lab-operator-fence' with binding 'x' denied request: no"), v1beta1.ReasonForbidden, "lab-operator-fence"},
		"an invalid object":          {answer(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "metadata.name: too long"), v1beta1.ReasonAttendeesFailed, "too long"},
		"a conflict passes":          {apierrors.NewConflict(corev1.Resource("namespaces"), "ws-a", errors.New("changed")), "", ""},
		"no answer passes":           {errors.New("connection refused"), "", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			reason, message := reasonOf(tc.err)
			if reason != tc.reason || !strings.Contains(message, tc.advice) {
				t.Errorf("%s: %q, want %s with %q", reason, message, tc.reason, tc.advice)
			}
		})
	}
}

// TestARightThatSpreads counts from the first refusal by one clock: the API server's may be another.
func TestARightThatSpreads(t *testing.T) {
	lacking := &apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden,
		Message: `serviceaccounts is forbidden: User "o" cannot create resource "serviceaccounts" in API group "" in the namespace "ws-a"`}}
	s := crowd()
	for _, moment := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {rightsDelay - 1, true}, {rightsDelay, false}, {time.Hour, false}} {
		s.now = nine.Add(moment.after)
		if got := s.isYoung(lacking, "ada"); got != moment.want {
			t.Errorf("after %s: young %t, want %t", moment.after, got, moment.want)
		}
	}
	if s.isYoung(errors.New("connection refused"), "bob") {
		t.Error("what is no refusal is young")
	}
}

// A token that ends a moment before the workshop would have to be renewed for that moment.
func TestTokensOutlastTheWorkshop(t *testing.T) {
	for left, want := range map[time.Duration]int64{
		90 * time.Minute:                      5400,
		90*time.Minute + time.Nanosecond:      5401,
		90*time.Minute + 999*time.Millisecond: 5401,
		time.Second:                           int64(shortestToken.Seconds()),
		longestToken + 500*time.Millisecond:   int64(longestToken.Seconds()),
	} {
		if got := tokenSeconds(left); got != want {
			t.Errorf("with %s left a token is good for %d s, want %d", left, got, want)
		}
	}
}
