package metrics

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// about is what is said of a metric.
type about struct {
	Type   string
	Labels []string
}

// documented holds docs/metrics.md to what is told, and what is told to be of use.
func documented(t *testing.T, p *prometheus, alerts []rule) {
	t.Helper()
	told := map[string]about{}
	for name, metadata := range ask[map[string][]struct {
		Type string `json:"type"`
	}](t, p, "metadata", nil) {
		if strings.HasPrefix(name, "lab_operator_") {
			told[name] = about{Type: metadata[0].Type, Labels: labelsOf(t, p, name)}
		}
	}
	if diff := cmp.Diff(table(t), told); diff != "" {
		t.Errorf("metrics (-docs/metrics.md +told):\n%s", diff)
	}
	var used []string
	for _, expression := range expressions(t, alerts) {
		for _, name := range metricsOf(expression) {
			used = append(used, family(name))
		}
	}
	for name := range told {
		if !slices.Contains(used, name) {
			t.Errorf("neither the dashboard nor an alert asks for %s", name)
		}
	}
}

// labelsOf are the names of a metric's labels, in order.
func labelsOf(t *testing.T, p *prometheus, name string) []string {
	t.Helper()
	labels := map[string]bool{}
	for _, series := range ask[[]map[string]string](t, p, "series", url.Values{"match[]": {`{__name__=~"` + name + `(_bucket)?"}`}}) {
		for label := range series {
			labels[label] = true
		}
	}
	for _, label := range []string{"__name__", "job", "instance", "le"} {
		delete(labels, label)
	}
	return slices.Sorted(maps.Keys(labels))
}

// family is the metric that a series is of: that of a histogram has three.
func family(name string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if cut, ok := strings.CutSuffix(name, suffix); ok {
			return cut
		}
	}
	return name
}

// table reads the metrics out of docs/metrics.md.
func table(t *testing.T) map[string]about {
	t.Helper()
	written := map[string]about{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(lab_operator_[a-z_]+)` \\| ([a-z]+) \\|([^|]*)\\|").FindAllStringSubmatch(read(t, "docs/metrics.md"), -1) {
		entry := about{Type: row[2]}
		for _, label := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(row[3], -1) {
			entry.Labels = append(entry.Labels, label[1])
		}
		slices.Sort(entry.Labels)
		written[row[1]] = entry
	}
	return written
}
