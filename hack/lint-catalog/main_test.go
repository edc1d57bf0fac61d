package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/internal/golden"
	"github.com/lab-operator/lab-operator/internal/lint"
)

func TestOutput(t *testing.T) {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	absolute := filepath.Join(testdata, "catalog", "labs", "fine", "exercise.yaml")
	tests := map[string]struct {
		folder string
		args   []string
		golden string
		code   int
	}{
		"the whole catalog":              {folder: "testdata/catalog", golden: "catalog", code: defective},
		"one file of it":                 {folder: "testdata/catalog", args: []string{"content/subject.yaml"}, golden: "topic", code: defective},
		"one file without findings":      {folder: "testdata/catalog", args: []string{"./labs/fine/exercise.yaml"}, golden: "fine", code: fine},
		"the same file by its full path": {folder: "testdata/catalog", args: []string{absolute}, golden: "fine", code: fine},
		"a file from elsewhere":          {folder: "testdata", args: []string{"catalog/labs/fine/exercise.yaml"}, golden: "fine-alone", code: fine},
		"its counts":                     {folder: "testdata/catalog", args: []string{"--counts", "labs/fine/exercise.yaml"}, golden: "counts", code: fine},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(tc.folder)
			var out, errOut bytes.Buffer
			if code := run(tc.args, &out, &errOut); code != tc.code {
				t.Errorf("exits with %d, want %d", code, tc.code)
			}
			if errOut.Len() > 0 {
				t.Errorf("complains: %s", errOut.String())
			}
			golden.Compare(t, filepath.Join(testdata, tc.golden+".txt"), out.String())
		})
	}
}

// The words of the rules are in docs/authoring.md, which make verify holds against them.
func TestRules(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run([]string{"--rules"}, &out, &errOut); code != fine || errOut.Len() > 0 {
		t.Errorf("exits with %d: %s", code, errOut.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if rules := len(lint.Rules()); len(lines) != rules+2 {
		t.Fatalf("%d lines, want a head of two and %d rules:\n%s", len(lines), rules, out.String())
	}
	for i, rule := range lint.Rules() {
		if want := "| `" + rule.Name + "` | " + rule.Finds + " |"; !strings.HasPrefix(lines[i+2], want) {
			t.Errorf("row %d is %q, want it to begin %q", i, lines[i+2], want)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("a: b\n c: d\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"a file that is not there": {[]string{"none.yaml"}, "none.yaml: no such file"},
		"a file that is no YAML":   {[]string{broken}, "broken.yaml: yaml: line 2"},
		"no catalog":               {nil, "run it in the root of the checkout"},
		"an unknown flag":          {[]string{"--fix"}, "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errOut bytes.Buffer
			if code := run(tc.args, &out, &errOut); code != unreadable {
				t.Errorf("exits with %d, want %d", code, unreadable)
			}
			if !strings.Contains(errOut.String(), tc.says) || out.Len() > 0 {
				t.Errorf("%q, want %q; %q", errOut.String(), tc.says, out.String())
			}
		})
	}
}
