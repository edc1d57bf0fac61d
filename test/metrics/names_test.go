package metrics

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	// What may stand where a metric is named, and is none: operators, and the rest of a number, as in 450e6.
	others = regexp.MustCompile(`^(and|or|unless|bool|offset|e\d+)$`)
	// Parts of an expression in which no metric is named: texts, selectors, ranges, and lists of labels.
	nameless = regexp.MustCompile(`"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	words    = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
)

// metricsOf are the metrics that an expression names, in order.
func metricsOf(expression string) []string {
	var found []string
	for _, word := range words.FindAllString(nameless.ReplaceAllString(expression, " "), -1) {
		function := strings.HasSuffix(word, "(")
		word = strings.TrimSpace(word)
		if !function && !others.MatchString(word) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	slices.Sort(found)
	return found
}

func TestMetricsOf(t *testing.T) {
	for expression, want := range map[string][]string{
		`absent(up{job="lab-operator"} == 1)`:                                                {"up"},
		`max by (phase) (lab_operator_labs)`:                                                 {"lab_operator_labs"},
		`(count(up == 1) > 0) unless on () count(b{x=~"$topic"})`:                            {"b", "up"},
		`sum(rate(a_total{r="f"}[10m])) / sum(rate(a_total[10m])) > 0.05`:                    {"a_total"},
		`max(process_resident_memory_bytes{job="lab-operator"}) > 450e6`:                     {"process_resident_memory_bytes"},
		`histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[30m]))) > 60 or on(y) z`: {"x_seconds_bucket", "z"},
	} {
		if diff := cmp.Diff(want, metricsOf(expression)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
}
