package labs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheWalkthroughQuotesItsExercise holds what docs/authoring.md builds up step by step to the exercise that it became.
func TestTheWalkthroughQuotesItsExercise(t *testing.T) {
	text, err := os.ReadFile("../docs/authoring.md")
	if err != nil {
		t.Fatal(err)
	}
	_, walkthrough, found := strings.Cut(string(text), "## An exercise in an hour\n")
	if !found {
		t.Fatal("there is no walkthrough")
	}
	walkthrough, _, _ = strings.Cut(walkthrough, "\n## ")
	var sources []string
	for _, path := range append(matches(t, "container-storage/*.yaml"), matches(t, "container-storage/mutants/*.sh")...) {
		source, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(source))
	}
	quotes := regexp.MustCompile("(?s)```(?:yaml|bash)\n(.*?)```").FindAllStringSubmatch(walkthrough, -1)
	if len(quotes) < 5 {
		t.Errorf("the walkthrough quotes %d pieces", len(quotes))
	}
	for _, quote := range quotes {
		if !strings.Contains(strings.Join(sources, "\n"), quote[1]) {
			t.Errorf("this is not from labs/container-storage any more:\n%s", quote[1])
		}
	}
}
