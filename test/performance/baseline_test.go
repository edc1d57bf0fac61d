package performance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// baselineFile has the measured values and the limits.
const baselineFile = "baseline.yaml"

// bound is what one figure was when it was last recorded, and what it must not pass.
type bound struct {
	Measured float64 `json:"measured"`
	Limit    float64 `json:"limit"`
}

// baseline has bounds by the name of a figure and the number of Labs.
type baseline map[string]map[int]bound

func readBaseline(t *testing.T) baseline {
	t.Helper()
	data, err := os.ReadFile(baselineFile)
	if err != nil {
		t.Fatal(err)
	}
	limits := baseline{}
	if err := yaml.UnmarshalStrict(data, &limits); err != nil {
		t.Fatalf("read %s: %v", baselineFile, err)
	}
	return limits
}

func (b baseline) bound(f figure) (bound, bool) {
	found, ok := b[f.name][f.labs]
	return found, ok
}

// check fails where a figure passes its limit, and where a limit has no figure any more.
func (b baseline) check(t *testing.T, measured figures, labs []int) {
	t.Helper()
	known := map[string]map[int]bool{}
	for _, f := range measured {
		if known[f.name] == nil {
			known[f.name] = map[int]bool{}
		}
		known[f.name][f.labs] = true
		if limit, ok := b.bound(f); ok && f.value > limit.Limit {
			t.Errorf("%s at %d Labs is %s, above the limit of %s; it was %s when it was recorded",
				f.name, f.labs, short(f.value), short(limit.Limit), short(limit.Measured))
		}
	}
	for name, by := range b {
		for n := range by {
			if (n == 0 || slices.Contains(labs, n)) && !known[name][n] {
				t.Errorf("%s has a limit for %q at %d Labs, and that is not measured", baselineFile, name, n)
			}
		}
	}
}

// record writes the measured values beside their limits, and the table into the report.
func (b baseline) record(t *testing.T, measured figures) {
	t.Helper()
	for _, f := range measured {
		if found, ok := b.bound(f); ok {
			found.Measured = f.value
			b[f.name][f.labs] = found
		}
	}
	data, err := os.ReadFile(baselineFile)
	if err != nil {
		t.Fatal(err)
	}
	// The comment at the head stays.
	head, _, _ := strings.Cut(string(data), "\n\n")
	var text strings.Builder
	text.WriteString(head + "\n\n")
	for _, name := range slices.Sorted(maps.Keys(b)) {
		fmt.Fprintf(&text, "%q:\n", name)
		for _, labs := range slices.Sorted(maps.Keys(b[name])) {
			at := b[name][labs]
			fmt.Fprintf(&text, "  %d: {measured: %s, limit: %s}\n", labs, short(at.Measured), short(at.Limit))
		}
	}
	write(t, baselineFile, text.String())
	writeReport(t, measured.table(b))
}

// writeReport puts the table between the comments that mark its place.
func writeReport(t *testing.T, table string) {
	t.Helper()
	name := filepath.Join(testenv.Root(), "docs", "performance.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`(?s)(<!-- begin report: make performance -->\n).*(<!-- end report -->)`)
	if !place.Match(text) {
		t.Fatalf("%s has no place for the report", name)
	}
	write(t, name, place.ReplaceAllString(string(text), "${1}\n"+table+"\n${2}"))
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
