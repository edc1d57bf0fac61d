package lint

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// want is a comment on what has to be found in its line, or some lines below where a text stands: its rule, or - for what is
// refused, and a part of its message.
var want = regexp.MustCompile(`# want(?:\+(\d+))? (\S+): (.+?)\s*(?:$|(# want.*))`)

// wants are what the comments of a file ask for.
func wants(t *testing.T, lines []string) []Finding {
	t.Helper()
	var all []Finding
	for i, line := range lines {
		for match := want.FindStringSubmatch(line); match != nil; match = want.FindStringSubmatch(match[4]) {
			below, _ := strconv.Atoi(match[1])
			rule := match[2]
			if rule == "-" {
				rule = ""
			}
			all = append(all, Finding{Line: i + 1 + below, Rule: rule, Message: match[3]})
		}
	}
	return all
}

// noted are the notes that the comments of a file ask for.
func noted(lines []string) []string {
	var all []string
	for i, line := range lines {
		if _, message, ok := strings.Cut(line, "# note: "); ok {
			all = append(all, fmt.Sprintf("%d: %s", i+1, message))
		}
	}
	return all
}

func lintFile(t *testing.T, file string) ([]*Document, Report) {
	t.Helper()
	documents, err := Read([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	report, err := linter().Lint(documents)
	if err != nil {
		t.Fatal(err)
	}
	return documents, report
}

func testFiles(t *testing.T, kind string) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*." + kind + ".yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	return files
}

func TestWhatIsBadIsFound(t *testing.T) {
	for _, file := range testFiles(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			documents, report := lintFile(t, file)
			missing := wants(t, documents[0].lines)
			for _, f := range report.Findings {
				at := slices.IndexFunc(missing, func(w Finding) bool {
					return w.Line == f.Line && w.Rule == f.Rule && strings.Contains(f.Message, w.Message)
				})
				if at < 0 {
					t.Errorf("found, and not wanted: %s", f)
					continue
				}
				missing = slices.Delete(missing, at, at+1)
			}
			for _, w := range missing {
				t.Errorf("wanted in line %d, and not found: [%s] %s", w.Line, w.Rule, w.Message)
			}
		})
	}
}

func TestWhatIsGoodIsLeftAlone(t *testing.T) {
	for _, file := range testFiles(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			documents, report := lintFile(t, strings.Replace(file, ".bad.", ".good.", 1))
			for _, f := range report.Findings {
				t.Error(f)
			}
			if report.Exercises == 0 {
				t.Error("there is no exercise in it")
			}
			var notes []string
			for _, f := range report.Notes {
				notes = append(notes, fmt.Sprintf("%d: %s", f.Line, f.Message))
			}
			if diff := cmp.Diff(noted(documents[0].lines), notes, cmp.Comparer(oneBeginsTheOther)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryRuleIsTested(t *testing.T) {
	var rules []string
	for _, rule := range Rules() {
		rules = append(rules, rule.Name)
	}
	var tested []string
	for _, file := range testFiles(t, "bad") {
		documents, _ := lintFile(t, file)
		for _, w := range wants(t, documents[0].lines) {
			if w.Rule != "" {
				tested = append(tested, w.Rule)
			}
		}
	}
	slices.Sort(rules)
	slices.Sort(tested)
	if diff := cmp.Diff(rules, slices.Compact(tested)); diff != "" {
		t.Errorf("rules (-) and those that are tested (+):\n%s", diff)
	}
}

func oneBeginsTheOther(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
