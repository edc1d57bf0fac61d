package lint

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumberIn(t *testing.T) {
	tests := map[string]struct {
		text, value, unit string
		want              bool
	}{
		"two digits alone":            {"it is 70.", "70", "", true},
		"written otherwise":           {"it is 70.0!", "70", "", true},
		"two digits after a point":    {"take 0.5", "0.5", "", true},
		"a part of another":           {"170 or 700 or 70.5", "70", "", false},
		"in a word":                   {"70m of v70 at a70b", "70", "", false},
		"in brackets":                 {"(70)", "70", "", true},
		"as code":                     {"`70`", "70", "", true},
		"one digit alone":             {"5 of them", "5", "pods", false},
		"one digit with the unit":     {"wait for 5 seconds", "5", "seconds", true},
		"one digit with its singular": {"in 5-second steps, 1 second long", "1", "seconds", true},
		"one digit with its sign":     {"keep 7 %", "7", "percent", true},
		"without a space":             {"keep 7%, or 5s", "5", "seconds", true},
		"with another unit":           {"5 minutes", "5", "seconds", false},
		"a negative number":           {"-15 degrees", "-15", "", true},
		"the same, positive":          {"15 degrees", "-15", "", false},
		"at the end":                  {"the answer is 42", "42", "", true},
		"a key that is no number":     {"what is it", "what", "", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := numberIn(wordsIn(tc.text), tc.value, tc.unit) != ""; got != tc.want {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func TestWordsIn(t *testing.T) {
	got := wordsIn("**The** `kube-proxy's` (rules),\n“etcd” – 70 %… a/b _it_")
	if diff := cmp.Diff([]string{"the", "kube-proxy", "rules", "etcd", "–", "70", "%", "a/b", "it"}, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestHasWords(t *testing.T) {
	text := wordsIn("One pod, two pods: three.")
	for words, want := range map[string]bool{"one pod": true, "two pods three": true, "pod pods": false, "three four": false, "": false, "pod": true, "po": false} {
		if got := hasWords(text, wordsIn(words)); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}

func TestSuggestion(t *testing.T) {
	known := []string{"replicas", "selector", "template"}
	for name, want := range map[string]string{
		"replica":       "; did you mean replicas?",
		"Selector":      "; did you mean selector?",
		"tmeplate":      "; did you mean template?",
		"templateSpecs": "; did you mean template?",
		"x":             "; there is replicas, selector, template",
	} {
		if got := suggestion(name, known); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := suggestion("x", nil); got != "" {
		t.Errorf("without names: %q", got)
	}
}
