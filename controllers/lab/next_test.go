package lab

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/conditions"
)

func TestNext(t *testing.T) {
	started, completed := metav1.NewTime(time.Unix(1000, 0)), metav1.NewTime(time.Unix(1090, 0))
	provisioned, ready := conditions.True("Provisioned", "It is set up"), conditions.True("Ready", "You can work")
	tests := map[string]struct {
		change func(s *scope)
		want   []string // parts of the sentence, in order
		never  string
	}{
		"without a catalog it is what stalls the lab": {
			change: func(s *scope) {
				s.pinned = nil
				s.lab.Status.Conditions = []metav1.Condition{{Type: "Stalled", Status: metav1.ConditionTrue, Message: "there is no Topic x: add it"}}
			},
			want: []string{"there is no Topic x: add it."},
		},
		"before anything is known": {
			change: func(s *scope) { s.pinned = nil },
			want:   []string{"The lab is about to be started."},
		},
		"while it is set up it is what it waits for": {
			change: func(s *scope) {
				s.provisioned = conditions.False("Provisioning", "The exercise is being set up in namespace lab-hpa")
			},
			want: []string{"The exercise is being set up in namespace lab-hpa."},
		},
		"while it is not ready it is what is missing": {
			change: func(s *scope) { s.ready = conditions.False("NotReadyYet", "Waiting until web runs") },
			want:   []string{"Waiting until web runs", "kubectl -n lab-hpa get"},
		},
		"it is the first open task, with the command to inspect it": {
			want: []string{"Task scale: Scale it", "kubectl -n lab-hpa get deployment"},
		},
		"what is behind a service are pods": {
			change: func(s *scope) {
				s.pinned.Bundle.Exercise.Evidence = []v1beta1.Evidence{
					{Name: "home", Probe: &v1beta1.ProbeEvidence{HTTP: &v1beta1.HTTPEvidence{}}},
					{Name: "db", Probe: &v1beta1.ProbeEvidence{SQL: &v1beta1.SQLEvidence{}}},
				}
			},
			want: []string{"kubectl -n lab-hpa get deployment,service,pod"},
		},
		"a release is looked at with helm": {
			change: func(s *scope) {
				s.pinned.Kinds = nil
				s.pinned.Bundle.Exercise.Evidence = []v1beta1.Evidence{
					{Name: "shop", Probe: &v1beta1.ProbeEvidence{Helm: &v1beta1.HelmEvidence{Release: "shop"}}},
				}
			},
			want: []string{"helm -n lab-hpa history shop"},
		},
		"between a pass and the next task it is that task": {
			change: func(s *scope) { s.lab.Status.Tasks[1].State = v1beta1.TaskPassed },
			want:   []string{"Task back comes next: Scale back.", "in a moment"},
			never:  "Nothing is left",
		},
		"completed with a question open, it is how to answer it": {
			change: func(s *scope) { s.lab.Status.CompletedAt = &completed },
			want:   []string{"Completed in 1m30s.", "k8s-04", "kubectl patch lab hpa --type merge"},
			never:  "Next in topic",
		},
		"in another namespace the command names it": {
			change: func(s *scope) { s.lab.Status.CompletedAt, s.lab.Namespace = &completed, "team-a" },
			want:   []string{"kubectl -n team-a patch lab hpa"},
		},
		"completed with all settled, it is the next exercise": {
			change: func(s *scope) { s.lab.Status.CompletedAt, s.lab.Status.Current = &completed, v1beta1.LabCurrent{} },
			want:   []string{"Completed in 1m30s.", "Next in topic kubernetes: a Lab with exercise rollouts."},
		},
		"completed behind the last exercise, it is the other topics": {
			change: func(s *scope) {
				s.lab.Status.CompletedAt, s.lab.Status.Current, s.lab.Status.Exercise = &completed, v1beta1.LabCurrent{}, "rollouts"
			},
			want: []string{"kubectl get topics"},
		},
		"completed when the topic is gone": {
			change: func(s *scope) {
				s.lab.Status.CompletedAt, s.lab.Status.Current, s.topic = &completed, v1beta1.LabCurrent{}, nil
			},
			want: []string{"Completed in 1m30s.", "kubectl get topics"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			lab := &v1beta1.Lab{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hpa"},
				Spec:       v1beta1.LabSpec{Topic: "kubernetes"},
				Status: v1beta1.LabStatus{
					Exercise: "hpa-scaling", StartedAt: &started,
					Tasks: []v1beta1.TaskStatus{
						{Name: "requests", State: v1beta1.TaskPassed},
						{Name: "scale", State: v1beta1.TaskPending},
						{Name: "back", State: v1beta1.TaskLocked},
					},
					Current: v1beta1.LabCurrent{TaskQuestion: &v1beta1.CurrentQuestion{ID: "k8s-04"}},
				},
			}
			s := &scope{
				original: lab, lab: lab, namespace: "lab-hpa", provisioned: provisioned, ready: ready,
				topic: &v1beta1.Topic{Spec: v1beta1.TopicSpec{Exercises: []string{"hpa-scaling", "rollouts"}}},
				pinned: &catalog.Compiled{
					Bundle: catalog.Bundle{Exercise: v1beta1.ExerciseSpec{Tasks: []v1beta1.Task{
						{Name: "requests", Title: "Ask for CPU"}, {Name: "scale", Title: "Scale it"}, {Name: "back", Title: "Scale back"},
					}}},
					Kinds: []schema.GroupVersionKind{{Group: "apps", Version: "v1", Kind: "Deployment"}},
				},
			}
			if tc.change != nil {
				tc.change(s)
			}
			got := s.next()
			rest := got
			for _, part := range tc.want {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Fatalf("next is %q, want %q in this order", got, tc.want)
				}
				rest = after
			}
			if tc.never != "" && strings.Contains(got, tc.never) {
				t.Errorf("next is %q, want no %q", got, tc.never)
			}
		})
	}
}

func TestNextIsBounded(t *testing.T) {
	got := bounded1k(strings.Repeat("ü", 2000))
	if n := utf8.RuneCountInString(got); n > 1024 || !strings.HasSuffix(got, "ü…") {
		t.Errorf("%d characters, ending in %q", n, got[len(got)-8:])
	}
	if diff := cmp.Diff("short", bounded1k("short")); diff != "" {
		t.Errorf("a short text (-want +got):\n%s", diff)
	}
}
