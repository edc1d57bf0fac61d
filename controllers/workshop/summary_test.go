package workshop

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// sitting is a Lab that was ready at nine, with so many tasks passed, each at a time from nine, of two.
func sitting(name string, score int32, passed ...time.Duration) *v1beta1.Lab {
	lab := &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: v1beta1.LabStatus{
		Phase: v1beta1.LabInProgress, StartedAt: after(-10 * time.Minute), ScorePercent: score,
		Conditions: []metav1.Condition{{Type: v1beta1.ConditionProvisioned, Status: metav1.ConditionTrue}, {Type: v1beta1.ConditionReady, Status: metav1.ConditionTrue}},
		Tasks: []v1beta1.TaskStatus{
			{Name: "first", State: v1beta1.TaskPending, Expected: "a pod", Observed: "no pod"},
			{Name: "second", State: v1beta1.TaskPending, Expected: "two pods", Observed: "one pod"},
		},
	}}
	for i, at := range passed {
		lab.Status.Tasks[i].State, lab.Status.Tasks[i].PassedAt = v1beta1.TaskPassed, after(at)
	}
	if len(passed) == len(lab.Status.Tasks) {
		lab.Status.CompletedAt = after(passed[len(passed)-1])
	}
	return lab
}

func stalledLab(name string) *v1beta1.Lab {
	lab := sitting(name, 0)
	lab.Status.Conditions = append(lab.Status.Conditions, metav1.Condition{Type: v1beta1.ConditionStalled, Status: metav1.ConditionTrue, Message: "a check fails"})
	return lab
}

func TestCount(t *testing.T) {
	tests := map[string]struct {
		now    time.Duration // from nine
		labs   map[string][]*v1beta1.Lab
		result *v1beta1.LabResultSpec // of ada's hpa
		want   summary
		told   []string
	}{
		"nobody has labs": {
			labs: map[string][]*v1beta1.Lab{"ada": nil, "bob": nil}, want: summary{phase: v1beta1.WorkshopOpen},
		},
		"one is ready, one is half": {
			labs: map[string][]*v1beta1.Lab{"ada": {sitting("hpa", 0), sitting("helm", 0)}, "bob": {sitting("hpa", 0)}},
			want: summary{phase: v1beta1.WorkshopOpen, provisioned: 1, ready: 1},
		},
		"who has started and who is through": {
			now: 10 * time.Minute,
			labs: map[string][]*v1beta1.Lab{
				"ada": {sitting("hpa", 100, time.Minute, 2*time.Minute), sitting("helm", 80, time.Minute, 3*time.Minute)},
				"bob": {sitting("hpa", 50, time.Minute), sitting("helm", 0)},
				"cyd": {sitting("hpa", 0), sitting("helm", 0)},
			},
			want: summary{phase: v1beta1.WorkshopOpen, provisioned: 3, ready: 3, started: 2, completed: 1, median: ptr.To[int32](25)},
		},
		"who has come no further for long, at what was last worked on": {
			now: 40 * time.Minute,
			labs: map[string][]*v1beta1.Lab{
				"ada": {sitting("hpa", 0), sitting("helm", 50, 10*time.Minute)},
				"bob": {sitting("hpa", 50, 30*time.Minute), sitting("helm", 0)},
				"cyd": {sitting("hpa", 100, 0, 0), sitting("helm", 100, 0, 0)},
			},
			want: summary{phase: v1beta1.WorkshopOpen, provisioned: 3, ready: 3, started: 3, completed: 1, stuck: 1, median: ptr.To[int32](25)},
			told: []string{"ada has been at task second of lab helm for more than 20m0s: expected: two pods; observed: one pod"},
		},
		"who has not begun is told of, too, counted from the opening": {
			now:  20 * time.Minute,
			labs: map[string][]*v1beta1.Lab{"ada": {sitting("hpa", 0), sitting("helm", 0)}},
			want: summary{phase: v1beta1.WorkshopOpen, provisioned: 1, ready: 1, stuck: 1},
			told: []string{"ada has been at task first of lab hpa for more than 20m0s: expected: a pod; observed: no pod"},
		},
		"a lab that is at fault": {
			labs: map[string][]*v1beta1.Lab{"ada": {sitting("hpa", 0), stalledLab("helm")}},
			want: summary{phase: v1beta1.WorkshopOpen, provisioned: 1, ready: 1, stalled: 1},
			told: []string{"Lab helm of ada is stalled: a check fails"},
		},
		"a lab that is gone counts by its result": {
			now:    4 * time.Hour,
			labs:   map[string][]*v1beta1.Lab{"ada": nil},
			result: &v1beta1.LabResultSpec{ScorePercent: 60, CompletedAt: after(time.Hour)},
			want:   summary{phase: v1beta1.WorkshopClosed, started: 1, median: ptr.To[int32](30)},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			workshop := morning()
			s := &scope{
				key: client.ObjectKeyFromObject(workshop), workshop: workshop, now: nine.Add(tc.now), memory: (&stateByWorkshop{}).get(client.ObjectKeyFromObject(workshop), ""),
				exercises: map[string]string{"hpa": "hpa-scaling", "helm": "helm-release"}, results: map[string]*v1beta1.LabResult{},
			}
			for _, name := range []string{"ada", "bob", "cyd"} {
				labs, enrolled := tc.labs[name]
				if !enrolled {
					continue
				}
				a := s.newAttendee(v1beta1.Attendee{Name: name}, name)
				a.stage, _ = scheduleOf(workshop, a.Attendee).at(s.now)
				for _, lab := range labs {
					a.labs[lab.Name] = lab
				}
				s.attendees = append(s.attendees, a)
			}
			if tc.result != nil {
				s.results["morning.ada.hpa.hpa-scaling"] = &v1beta1.LabResult{Spec: *tc.result}
			}
			if err := (&Reconciler{}).summarize(context.Background(), s); err != nil {
				t.Fatal(err)
			}
			tc.want.closesAt = time.Time{}
			s.summary.closesAt = time.Time{}
			if diff := cmp.Diff(tc.want, s.summary, cmp.AllowUnexported(summary{})); diff != "" {
				t.Errorf("tally (-want +got):\n%s", diff)
			}
			var told []string
			for _, note := range s.notes {
				told = append(told, note.text)
			}
			if diff := cmp.Diff(tc.told, told); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	tests := map[string]struct {
		scores []int32
		want   int32
	}{
		"of one":             {[]int32{40}, 40},
		"of an odd number":   {[]int32{100, 0, 30}, 30},
		"of an even number":  {[]int32{100, 0, 30, 51}, 40},
		"of many equal ones": {[]int32{50, 50, 50, 50}, 50},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := median(tc.scores); got != tc.want {
				t.Errorf("median(%v) = %d, want %d", tc.scores, got, tc.want)
			}
		})
	}
}
