package workshop

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

func TestHold(t *testing.T) {
	const (
		half    = 90 * time.Minute
		evening = 4 * time.Hour
	)
	pending := func(generation int64, at time.Duration) *v1beta1.PendingChange {
		return &v1beta1.PendingChange{Generation: generation, AppliesAt: *after(at)}
	}
	closes := func(at time.Duration) func(*v1beta1.Workshop) {
		return func(w *v1beta1.Workshop) { w.Spec.ClosesAt = *after(at) }
	}
	confirmed := func(generation string) map[string]string {
		return map[string]string{v1beta1.ConfirmAnnotation: generation}
	}
	tests := map[string]struct {
		now         time.Duration // from nine
		spec        func(*v1beta1.Workshop)
		attendee    func(*attendee)
		seen        int64 // the generation that the status answers; the spec has generation 2
		pending     *v1beta1.PendingChange
		annotations map[string]string
		want        *v1beta1.PendingChange
		held        bool
		message     string // has this in it
	}{
		"nothing is deleted":                          {now: half, seen: 1, message: "No edit waits"},
		"the close that was planned waits for nobody": {now: evening, seen: 2, message: "No edit waits"},
		"the close comes by an edit": {
			now: half, spec: closes(time.Hour), seen: 1, want: pending(2, half+grace), held: true,
			message: "deletes what runs in the labs helm, hpa of ada. Results are kept. It waits until 2026-03-01T10:40:00Z. To undo the edit, revert it before. " +
				"To apply it now: kubectl -n workshops annotate workshop morning learning.lab-operator.dev/confirm=2 --overwrite",
		},
		"it waits on, whoever restarts": {now: half, spec: closes(time.Hour), seen: 2, pending: pending(2, half+1), want: pending(2, half+1), held: true},
		"the grace period ends": {
			now: half, spec: closes(time.Hour), seen: 2, pending: pending(2, half), want: pending(2, half), message: "it is being done",
		},
		"the edit is confirmed": {
			now: half, spec: closes(time.Hour), seen: 1, annotations: confirmed("2"), want: pending(2, half+grace), message: "it is being done",
		},
		"an earlier edit was confirmed": {
			now: half, spec: closes(time.Hour), seen: 1, annotations: confirmed("1"), want: pending(2, half+grace), held: true,
		},
		"the edit is undone": {now: half, seen: 1, pending: pending(1, half+time.Minute), message: "No edit waits"},
		"another edit on top waits anew": {
			now: half, spec: closes(time.Hour), seen: 1, pending: pending(1, half), want: pending(2, half+grace), held: true,
		},
		"a clock that was a day ahead": {
			now: half, spec: closes(time.Hour), seen: 2, pending: pending(2, half+24*time.Hour), want: pending(2, half+grace), held: true,
		},
		"an attendee who is taken out": {
			now: half, seen: 1, attendee: func(a *attendee) { a.stage, a.offRoster = removed, true },
			want: pending(2, half+grace), held: true, message: "deletes the labs helm, hpa of ada",
		},
		"somebody else's lab turns up, though nothing was edited": {
			now: half, seen: 2, attendee: func(a *attendee) { a.stage, a.offRoster = removed, true }, want: pending(2, half+grace), held: true,
		},
		"a lab that is taken out": {
			now: half, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.LabTemplates = w.Spec.LabTemplates[:1] },
			want: pending(2, half+grace), held: true, message: "deletes the labs helm of ada",
		},
		"another topic": {
			now: half, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.LabTemplates[0].Spec.Topic = "kafka" },
			want: pending(2, half+grace), held: true, message: "deletes the labs hpa of ada",
		},
		"another exercise, before anybody had access": {
			now: -10 * time.Minute, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.LabTemplates[1].Spec.Exercise = "pods" },
			attendee: func(a *attendee) { a.stage, a.account = ahead, nil }, message: "No edit waits",
		},
		"an exercise that is written out is no other": {
			now: half, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.LabTemplates[0].Spec.Exercise = "hpa-scaling" }, message: "No edit waits",
		},
		"the namespaces go earlier": {
			now: evening, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.TTLAfterClosed = lasting(time.Minute) },
			attendee: closeAll, want: pending(2, evening+grace), held: true, message: "deletes the labs helm, hpa of ada",
		},
		"a Workshop that was restored without its status": {
			now: evening, seen: 0, want: pending(2, evening+grace), held: true,
		},
		"a lab that is going already": {
			now: half, seen: 1, spec: func(w *v1beta1.Workshop) { w.Spec.LabTemplates = w.Spec.LabTemplates[:1] },
			attendee: func(a *attendee) { a.labs["helm"].DeletionTimestamp = after(0) }, message: "No edit waits",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop, a := morning(), seated()
			workshop.Generation, workshop.Annotations = 2, tc.annotations
			workshop.Status.ObservedGeneration, workshop.Status.PendingChange = tc.seen, tc.pending
			if tc.spec != nil {
				tc.spec(workshop)
			}
			s := &scope{
				key: client.ObjectKeyFromObject(workshop), before: workshop, workshop: workshop.DeepCopy(), now: nine.Add(tc.now),
				exercises: map[string]string{"hpa": "hpa-scaling", "helm": "helm-release"},
			}
			a.labs["hpa"].Status.Exercise = "hpa-scaling"
			s.attendees = []*attendee{a}
			s.setStages()
			if tc.attendee != nil {
				tc.attendee(a)
			}
			if a.offRoster {
				s.attendees, s.removedAttendees = nil, s.attendees
			}
			if err := (&Reconciler{}).delayLosses(context.Background(), s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, s.change.pending); diff != "" || s.change.held != tc.held {
				t.Errorf("held %t, want %t; pending (-want +got):\n%s", s.change.held, tc.held, diff)
			}
			if message := s.changePending().Message; !strings.Contains(message, tc.message) {
				t.Errorf("message %q, want %q in it", message, tc.message)
			}
			for _, step := range s.permitted(a) {
				if tc.held && step.destroys() {
					t.Errorf("%s %s is done though it has to wait", step.do, step.lab)
				}
			}
		})
	}
}

// TestAccessEndsAtOnce is about who is taken out and a close that comes by an edit: only the deletion of work waits.
func TestAccessEndsAtOnce(t *testing.T) {
	for name, leaves := range map[string]func(*attendee){
		"taken out": func(a *attendee) { a.stage, a.offRoster = removed, true },
		"closed":    func(a *attendee) { a.stage = closed },
	} {
		t.Run(name, func(t *testing.T) {
			a := seated()
			leaves(a)
			s := &scope{workshop: morning(), now: nine, change: change{held: true}}
			if diff := cmp.Diff([]step{{do: revokeAccess}}, s.permitted(a), cmp.AllowUnexported(step{})); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheEarlierClockCounts(t *testing.T) {
	const day = 24 * time.Hour
	tests := map[string]struct {
		operator, server time.Duration // from nine; the workshop closes at twelve
		stage            stage
		skew             time.Duration
		message          string
	}{
		"both are right, before the close":                 {operator: time.Hour, server: time.Hour, stage: open},
		"both are right, after the close":                  {operator: 4 * time.Hour, server: 4 * time.Hour, stage: closed},
		"a minute is no matter":                            {operator: 3*time.Hour + time.Minute, server: 3 * time.Hour, stage: closed},
		"the operator is a day ahead":                      {operator: time.Hour + day, server: time.Hour, stage: open, skew: day, message: "is 24h0m0s ahead of the API server's"},
		"the operator is a day ahead, after the close":     {operator: 4*time.Hour + day, server: 4 * time.Hour, stage: closed, skew: day, message: "ahead of"},
		"the operator is a day behind":                     {operator: time.Hour - day, server: time.Hour, stage: early},
		"the API server is a day ahead":                    {operator: time.Hour, server: time.Hour + day, stage: open},
		"the API server is a day behind, after the close":  {operator: 4 * time.Hour, server: 4*time.Hour - day, stage: early, skew: day, message: "ahead of"},
		"the API server is ahead, and both say it is time": {operator: 4 * time.Hour, server: 5*time.Hour + 30*time.Second, stage: closed, skew: -90*time.Minute - 30*time.Second + 30*time.Minute, message: "behind"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop, a := morning(), seated()
			workshop.Spec.TTLAfterClosed = nil
			s := &scope{before: workshop, workshop: workshop, now: nine.Add(tc.operator), attendees: []*attendee{a}}
			s.setStages()
			r := &Reconciler{Clock: clocktesting.NewFakeClock(nine.Add(tc.operator)), ServerTime: func(context.Context) (time.Time, error) { return nine.Add(tc.server), nil }}
			if err := r.checkClock(context.Background(), s); err != nil {
				t.Fatal(err)
			}
			if a.stage != tc.stage || s.skew != tc.skew {
				t.Errorf("stage %d and skew %s, want %d and %s", a.stage, s.skew, tc.stage, tc.skew)
			}
			if got := s.stalled(); (got.Reason == v1beta1.ReasonClockSkew) != (tc.skew != 0) || !strings.Contains(got.Message, tc.message) {
				t.Errorf("Stalled %s: %s, want %q in it", got.Reason, got.Message, tc.message)
			}
		})
	}
}

func TestRefusedRoster(t *testing.T) {
	initial := func(name string) string { return name[:1] }
	attendees := []v1beta1.Attendee{{Name: "ada"}, {Name: "bob"}, {Name: "amy\u009b"}}
	tests := map[string]struct {
		attendees []v1beta1.Attendee
		most      int
		want      string
	}{
		"as it should be":   {attendees[:2], 2, ""},
		"no bound":          {attendees[:2], 0, ""},
		"one too many":      {attendees[:2], 1, "The roster has 2 attendees, and the operator allows 1. Nobody new is given labs. Shorten the roster"},
		"two with a handle": {attendees, 0, `Attendees "ada" and "amy\u009b" have the same handle a, and would be one identity. Nobody new is given labs. Rename one of them`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := refusedRoster(tc.attendees, tc.most, initial)
			if (got == nil) != (tc.want == "") || got != nil && !strings.HasPrefix(got.Message, tc.want) {
				t.Errorf("refused with %+v, want %q", got, tc.want)
			}
		})
	}
}

func TestNothingInAMessageMovesATerminal(t *testing.T) {
	const dangerous = "\x1b[31m\a\u009b2J\u202e\nforged: line"
	workshop := morning()
	s := &scope{workshop: workshop, now: nine}
	s.set(v1beta1.ConditionStalled, conditions.True(v1beta1.ReasonNone, dangerous))
	const want = "[31m2J forged: line"
	if got := workshop.Status.Conditions[0].Message; got != want {
		t.Errorf("condition %q, want %q", got, want)
	}
	if got := bounded(dangerous); got != want {
		t.Errorf("event %q, want %q", got, want)
	}
}

// TestWhoseAnObjectIs holds labels to the namespace that they are in.
func TestWhoseAnObjectIs(t *testing.T) {
	key := client.ObjectKey{Namespace: "workshops", Name: "morning"}
	s := &scope{key: key, workshop: morning()}
	ada := s.newAttendee(v1beta1.Attendee{Name: "ada"}, "ada")
	tests := map[string]struct {
		namespace string
		labels    map[string]string
		want      client.ObjectKey
	}{
		"an attendee's own":     {ada.namespace, s.labels(ada), key},
		"labels in another one": {"lab-hpa", s.labels(ada), client.ObjectKey{}},
		"labels without an attendee": {ada.namespace, map[string]string{
			v1beta1.WorkshopLabel: key.Name, v1beta1.WorkshopNamespaceLabel: key.Namespace,
		}, client.ObjectKey{}},
		"no labels": {ada.namespace, nil, client.ObjectKey{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: tc.namespace, Name: "learner", Labels: tc.labels}}
			if got := workshopOf(account); got != tc.want {
				t.Errorf("workshopOf = %s, want %s", got, tc.want)
			}
		})
	}
}
