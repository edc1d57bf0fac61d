package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const places = `# A comment.
---
kind: First
metadata:
  name: one
---
kind: Second
metadata: {name: two, labels: {example.com/app: web}}
spec:
  base: &base
    image: a:1
    sizes: [1, 2]
  tasks:
  - name: start
    checks:
    - expression: |-
        one &&

        two
      expected: >-
        a folded
        text
    - <<: *base
      expected:
        on the next line
    - *base
  questions:
  - id: k8s-04
    options:
    - {option: b, text: yes}
  outputs: {uid: x}
  flag: yes
  number: 5
  large: 12345678901
---
`

func TestPlaces(t *testing.T) {
	documents, err := Parse("f.yaml", []byte(places))
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) != 2 {
		t.Fatalf("%d documents", len(documents))
	}
	for field, want := range map[string]int{
		"":                                     7,
		"kind":                                 7,
		"metadata.name":                        8,
		"metadata.labels[example.com/app]":     8,
		"spec":                                 9,
		"spec.tasks":                           13,
		"spec.tasks[0]":                        14,
		"spec.tasks[start].checks":             15,
		"spec.tasks[0].checks[0].expression":   16,
		"spec.tasks[0].checks[0].expected":     20,
		"spec.tasks[0].checks[0].observed":     16,
		"spec.tasks[0].checks[1]":              23,
		"spec.tasks[0].checks[1].image":        11,
		"spec.tasks[0].checks[1].sizes[1]":     12,
		"spec.tasks[0].checks[1].expected":     24,
		"spec.tasks[0].checks[2]":              26,
		"spec.tasks[0].checks[2].image":        11,
		"spec.tasks[0].checks[7].expression":   15,
		"spec.questions[k8s-04].options[b]":    30,
		"spec.questions[k8s-05].options[b]":    27,
		"spec.outputs[uid]":                    31,
		"spec.tasks.checks":                    13,
		"spec.flag.of.nothing":                 32,
		"spec.tasks[0":                         13,
		"status.conditions[0].lastObserved[at": 7,
	} {
		if got := documents[1].line(field); got != want {
			t.Errorf("%s is in line %d: want %d", field, got, want)
		}
	}
	if got := documents[0].line("metadata.name"); got != 5 {
		t.Errorf("the first document: line %d", got)
	}
}

func TestLinesOfTexts(t *testing.T) {
	documents, err := Parse("f.yaml", []byte(places))
	if err != nil {
		t.Fatal(err)
	}
	d := documents[1]
	if got := d.lineOfText("spec.tasks[0].checks[0].expression", 3); got != 19 {
		t.Errorf("line 3 of a literal text is line %d", got)
	}
	if got := d.lineOfText("spec.tasks[0].checks[0].expected", 2); got != 20 {
		t.Errorf("line 2 of a folded text is line %d: its lines are not known", got)
	}
	if !d.has("spec.outputs") || d.has("spec.output") {
		t.Error("what is written is mistaken")
	}
}

func TestValues(t *testing.T) {
	documents, err := Parse("f.yaml", []byte(places))
	if err != nil {
		t.Fatal(err)
	}
	spec := documents[1].Object["spec"].(map[string]any)
	got := map[string]any{"flag": spec["flag"], "number": spec["number"], "large": spec["large"]}
	if diff := cmp.Diff(map[string]any{"flag": true, "number": int64(5), "large": int64(12345678901)}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"no YAML":             {"a: b\n---\na: b\n c: d\n", "f.yaml: yaml: line 4"},
		"an unknown anchor":   {"a: *b\n", "unknown anchor"},
		"a list":              {"\n- a\n", "f.yaml: line 2: this is no object"},
		"a text":              {"a\n", "this is no object"},
		"a key that is a map": {"? {a: b}\n: c\n", "f.yaml: the document from line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v: want %q", err, tc.want)
			}
		})
	}
}

func TestNothingToRead(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# a comment\n", "---\n---\n# more\n", "null\n"} {
		if documents, err := Parse("f.yaml", []byte(text)); err != nil || len(documents) > 0 {
			t.Errorf("%q: %d documents, %v", text, len(documents), err)
		}
	}
}

func TestSeparators(t *testing.T) {
	documents, err := Parse("f.yaml", []byte("--- # the first\na: |\n  x\n  ---\n  y\n--- {b: c}\n---\r\nd: e\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	for _, d := range documents {
		got = append(got, d.Object)
	}
	if diff := cmp.Diff([]map[string]any{{"a": "x\n---\ny\n"}, {"b": "c"}, {"d": "e"}}, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}
