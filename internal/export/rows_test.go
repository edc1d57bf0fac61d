package export_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/export"
)

func TestRows(t *testing.T) {
	ada := attendee("ada", "Ada Lovelace")
	elsewhere := func(lab *v1beta1.Lab) { lab.Namespace = "default" }
	unseen := func(lab *v1beta1.Lab) { lab.Status = v1beta1.LabStatus{} }
	done := func(minutes int) func(*v1beta1.LabResultSpec) {
		return func(spec *v1beta1.LabResultSpec) { spec.CompletedAt = at(minutes) }
	}
	tests := map[string]struct {
		workshop *v1beta1.Workshop
		labs     []v1beta1.Lab
		results  []v1beta1.LabResult
		want     []string
	}{
		"nobody": {workshop: workshop(), want: nil},
		"nothing is there yet": {workshop: workshop(ada), want: []string{
			"ada/Ada Lovelace scale kubernetes/hpa-scaling NotStarted 0/0 0/0 0%",
			"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
		}},
		"a lab that was not looked at yet": {workshop: workshop(ada),
			labs: []v1beta1.Lab{lab("ada", "scale", "kubernetes", "hpa-scaling", 0, 0, unseen)},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/ Pending 0/0 0/0 0%",
				"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
			}},
		"labs in the order of the spec, counted from the opening": {workshop: workshop(ada),
			labs: []v1beta1.Lab{
				lab("ada", "events", "kafka", "consumer-lag", 1, 1),
				lab("ada", "scale", "kubernetes", "hpa-scaling", 3, 0, completed(at(25))),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling Completed 3/3 0/2 60% 08:50 09:25 25m",
				"ada/Ada Lovelace events kafka/consumer-lag InProgress 1/3 1/2 40% 08:50",
			}},
		"a lab that was made anew has what its record has": {workshop: workshop(ada),
			labs: []v1beta1.Lab{
				lab("ada", "scale", "kubernetes", "hpa-scaling", 0, 0, unseen),
				lab("ada", "events", "kafka", "consumer-lag", 2, 0),
			},
			results: []v1beta1.LabResult{
				result("ada", "scale", "kubernetes", "hpa-scaling", 3, 1, done(30)),
				result("ada", "events", "kafka", "consumer-lag", 1, 0),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling Pending 3/3 1/2 80% 08:50 09:30 30m",
				"ada/Ada Lovelace events kafka/consumer-lag InProgress 2/3 0/2 40% 08:50",
			}},
		"a lab that is gone": {workshop: workshop(ada),
			results: []v1beta1.LabResult{
				result("ada", "events", "kafka", "consumer-lag", 1, 0),
				result("ada", "scale", "kubernetes", "hpa-scaling", 3, 2, done(30)),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling Removed 3/3 2/2 100% 08:50 09:30 30m",
				"ada/Ada Lovelace events kafka/consumer-lag Removed 1/3 0/2 20% 08:50",
			}},
		"the spec had another exercise and another lab": {workshop: workshop(ada),
			labs: []v1beta1.Lab{
				lab("ada", "scale", "kubernetes", "hpa-scaling", 1, 0),
				lab("ada", "cache", "redis", "cache-aside", 1, 0),
			},
			results: []v1beta1.LabResult{
				result("ada", "scale", "kubernetes", "broken-rollout", 2, 0),
				result("ada", "quorum", "etcd", "lost-quorum", 2, 0),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/broken-rollout Removed 2/3 0/2 40% 08:50",
				"ada/Ada Lovelace scale kubernetes/hpa-scaling InProgress 1/3 0/2 20% 08:50",
				"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
				"ada/Ada Lovelace cache redis/cache-aside InProgress 1/3 0/2 20% 08:50",
				"ada/Ada Lovelace quorum etcd/lost-quorum Removed 2/3 0/2 40% 08:50",
			}},
		"the topic's first exercise was another one": {workshop: workshop(ada),
			results: []v1beta1.LabResult{
				result("ada", "events", "kafka", "old-first", 1, 0, func(spec *v1beta1.LabResultSpec) { spec.StartedAt = nil }),
				result("ada", "events", "kafka", "new-first", 2, 0),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling NotStarted 0/0 0/0 0%",
				"ada/Ada Lovelace events kafka/new-first Removed 2/3 0/2 40% 08:50",
				"ada/Ada Lovelace events kafka/old-first Removed 1/3 0/2 20%",
			}},
		"those who are not in the roster any more come last, by name": {workshop: workshop(ada),
			labs: []v1beta1.Lab{
				lab("Zoë", "scale", "kubernetes", "hpa-scaling", 1, 0),
				lab("bob", "scale", "kubernetes", "hpa-scaling", 0, 0),
			},
			results: []v1beta1.LabResult{
				result("Zoë", "scale", "kubernetes", "hpa-scaling", 1, 0),
				result("bob", "events", "kafka", "consumer-lag", 1, 0),
				result("Bob", "scale", "kubernetes", "hpa-scaling", 2, 0),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling NotStarted 0/0 0/0 0%",
				"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
				"Bob/ scale kubernetes/hpa-scaling Removed 2/3 0/2 40% 08:50",
				"Zoë/ scale kubernetes/hpa-scaling InProgress 1/3 0/2 20% 08:50",
				"bob/ scale kubernetes/hpa-scaling InProgress 0/3 0/2 0% 08:50",
				"bob/ events kafka/consumer-lag Removed 1/3 0/2 20% 08:50",
			}},
		"what only claims to belong here": {workshop: workshop(ada),
			labs: []v1beta1.Lab{lab("ada", "scale", "kubernetes", "hpa-scaling", 3, 2, elsewhere)},
			results: []v1beta1.LabResult{
				result("ada", "scale", "kubernetes", "hpa-scaling", 3, 2, func(spec *v1beta1.LabResultSpec) { spec.Workshop = "other" }),
			},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling NotStarted 0/0 0/0 0%",
				"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
			}},
		"an opening that was put off after a lab was completed": {workshop: workshop(ada),
			labs: []v1beta1.Lab{lab("ada", "scale", "kubernetes", "hpa-scaling", 3, 0, completed(at(-4)))},
			want: []string{
				"ada/Ada Lovelace scale kubernetes/hpa-scaling Completed 3/3 0/2 60% 08:50 08:56 6m",
				"ada/Ada Lovelace events kafka/ NotStarted 0/0 0/0 0%",
			}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, row := range export.Rows(tc.workshop, tc.labs, tc.results) {
				got = append(got, brief(row))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// brief is a row on one line.
func brief(row export.Row) string {
	words := []string{
		row.Attendee + "/" + row.DisplayName, row.Lab, row.Topic + "/" + row.Exercise, row.Phase,
		fmt.Sprintf("%d/%d %d/%d %d%%", row.TasksPassed, row.Tasks, row.QuestionsRight, row.Questions, row.ScorePercent),
	}
	if row.StartedAt != nil {
		words = append(words, row.StartedAt.UTC().Format("15:04"))
	}
	if row.CompletedAt != nil {
		words = append(words, row.CompletedAt.UTC().Format("15:04"))
	}
	if row.Minutes != nil {
		words = append(words, fmt.Sprintf("%dm", *row.Minutes))
	}
	return strings.Join(words, " ")
}
