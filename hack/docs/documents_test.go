package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const root = "../.."

// documents are the texts of all documents for people, by their paths in the checkout.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths := []string{"README.md", "CONTRIBUTING.md", "hack/README.md"}
	err := fs.WalkDir(os.DirFS(root), "docs", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(file) == ".md" {
			paths = append(paths, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range paths {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	return texts
}

// pathInText is a file or folder of the checkout in code font. What bin holds is built, and what has a placeholder is not one path.
var pathInText = regexp.MustCompile("`((?:api|cmd|config|content|controllers|dist|docs|hack|internal|labs|test)(?:/[A-Za-z0-9_.-]+)+/?)`")

func TestEveryPathInADocumentExists(t *testing.T) {
	checked := 0
	for document, text := range documents(t) {
		for _, found := range pathInText.FindAllStringSubmatch(text, -1) {
			checked++
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s names %s, which does not exist", document, found[1])
			}
		}
	}
	if checked < 100 {
		t.Errorf("checked %d paths: the expression has stopped finding them", checked)
	}
}

var (
	testInText = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]+|Fuzz[A-Z][A-Za-z0-9]+|Benchmark[A-Z][A-Za-z0-9]+)`")
	testInCode = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]+)\(`)
)

func TestEveryTestInADocumentExists(t *testing.T) {
	defined := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		for _, found := range testInCode.FindAllStringSubmatch(string(text), -1) {
			defined[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for document, text := range documents(t) {
		for _, found := range testInText.FindAllStringSubmatch(text, -1) {
			checked++
			if !defined[found[1]] {
				t.Errorf("%s names %s, which does not exist", document, found[1])
			}
		}
	}
	if checked < 30 {
		t.Errorf("checked %d tests: the expression has stopped finding them", checked)
	}
}

var (
	linkInText = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code       = regexp.MustCompile("`[^`\n]*`")
)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	texts := documents(t)
	checked := 0
	for document, text := range texts {
		for _, found := range linkInText.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			checked++
			file := document
			if target != "" {
				file = path.Join(path.Dir(document), target)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
				t.Errorf("%s links to %s, which does not exist", document, file)
			}
			if anchor != "" && !slices.Contains(anchors(texts[file]), anchor) {
				t.Errorf("%s links to #%s in %s, which has no such heading", document, anchor, file)
			}
		}
	}
	if checked < 50 {
		t.Errorf("checked %d links: the expression has stopped finding them", checked)
	}
}

var (
	heading     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// anchors are those that GitHub gives to the headings of a document.
func anchors(text string) []string {
	var all []string
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return all
}

var yamlInText = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The walkthrough of docs/authoring.md quotes parts of an exercise, which a test of labs compares with it.
func TestEveryExampleHasFieldsOfTheAPI(t *testing.T) {
	kinds := map[string]func() any{
		"Lab":      func() any { return &v1beta1.Lab{} },
		"Workshop": func() any { return &v1beta1.Workshop{} },
	}
	checked := 0
	for document, text := range documents(t) {
		for _, found := range yamlInText.FindAllStringSubmatch(text, -1) {
			example := []byte(found[1])
			meta := struct{ APIVersion, Kind string }{}
			_ = yaml.Unmarshal(example, &meta) // an example that is no object has no kind of ours
			var into any
			switch {
			case strings.HasPrefix(meta.APIVersion, v1beta1.GroupVersion.Group+"/"):
				if meta.APIVersion != v1beta1.GroupVersion.String() || kinds[meta.Kind] == nil {
					t.Errorf("%s has an example of %s %s", document, meta.APIVersion, meta.Kind)
					continue
				}
				into = kinds[meta.Kind]()
			case document == guide && !strings.HasPrefix(found[1], " "):
				into = &v1beta1.ExerciseSpec{}
			default:
				continue
			}
			checked++
			if err := yaml.UnmarshalStrict(example, into); err != nil {
				t.Errorf("%s: %v in\n%s", document, err, example)
			}
		}
	}
	if checked < 4 {
		t.Errorf("checked %d examples: the expression has stopped finding them", checked)
	}
}

func TestTheGlossaryIsInAlphabeticalOrder(t *testing.T) {
	var words []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Za-z ]+) \|`).FindAllStringSubmatch(documents(t)["docs/glossary.md"], -1) {
		words = append(words, strings.ToLower(row[1]))
	}
	words = words[1:] // the head of the table
	if len(words) < 40 || !slices.IsSorted(words) {
		t.Errorf("these %d words are not in alphabetical order, or too few: %v", len(words), words)
	}
}
