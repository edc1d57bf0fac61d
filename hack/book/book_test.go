package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func site(t *testing.T) (*Book, map[string][]byte) {
	t.Helper()
	book, err := Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Render(book)
	if err != nil {
		t.Fatal(err)
	}
	return book, files
}

func TestBookHasTheCatalog(t *testing.T) {
	book, files := site(t)
	if len(files) != 2+len(book.Topics)+len(book.Exercises) {
		t.Errorf("%d files for %d topics and %d exercises", len(files), len(book.Topics), len(book.Exercises))
	}
	for _, topic := range book.Topics {
		page := string(files[topic.Name+".html"])
		for _, question := range topic.Questions {
			if !strings.Contains(page, `<article id="`+question.ID+`">`) {
				t.Errorf("%s is not on the page of %s", question.ID, topic.Name)
			}
			if len(question.Shown) > 0 && question.Answer.Live == nil && answer(question) == "" {
				t.Errorf("%s has options, and none is right", question.ID)
			}
		}
	}
}

// A link that leads nowhere is worse than none.
func TestLinksLeadSomewhere(t *testing.T) {
	_, files := site(t)
	ids, links := map[string]bool{}, map[string]string{}
	for name, content := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		page, err := html.Parse(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		for node := range page.Descendants() {
			for _, attribute := range node.Attr {
				switch {
				case attribute.Key == "id" && ids[name+"#"+attribute.Val]:
					t.Errorf("%s has the id %s twice", name, attribute.Val)
				case attribute.Key == "id":
					ids[name+"#"+attribute.Val] = true
				case attribute.Key == "href" && strings.HasPrefix(attribute.Val, "#"):
					links[name+attribute.Val] = name
				case attribute.Key == "href" && !strings.HasPrefix(attribute.Val, "https://"):
					links[attribute.Val] = name
				}
			}
		}
	}
	for link, from := range links {
		file, _, anchored := strings.Cut(link, "#")
		if _, there := files[file]; !there || anchored && !ids[link] {
			t.Errorf("%s has a link to %s, which is not there", from, link)
		}
	}
}

func TestOrderOfOptionsTellsNothing(t *testing.T) {
	book, _ := site(t)
	places := map[string]int{}
	for _, topic := range book.Topics {
		for _, question := range topic.Questions {
			if question.Answer.Choice != "" {
				places[answer(question)]++
			}
		}
	}
	for letter, count := range places {
		if count > 20 {
			t.Errorf("%s is right %d times", letter, count)
		}
	}
	if len(places) < 4 {
		t.Errorf("only these letters are ever right: %v", places)
	}
}

func TestParamsAreShownAsSuch(t *testing.T) {
	for source, want := range map[string]string{
		"at most $(params.seconds) s": "at most ‹seconds› s",
		"$(params.a)$(params.b)":      "‹a›‹b›",
		"$(params.open":               "$(params.open",
		"none":                        "none",
	} {
		if got := params(source); got != want {
			t.Errorf("%q becomes %q, want %q", source, got, want)
		}
	}
}

func TestRawHTMLIsLeftOut(t *testing.T) {
	got, err := markdown("a <script>alert(1)</script> *b*")
	if err != nil || strings.Contains(string(got), "<script") || !strings.Contains(string(got), "<em>b</em>") {
		t.Errorf("%v %s", err, got)
	}
}

func TestBadCatalogs(t *testing.T) {
	for name, tc := range map[string]struct{ content, want string }{
		"nothing":                   {"", "there is no content/*.yaml here"},
		"another kind":              {"kind: Lab\n", `there is a "Lab", which is no part of the catalog`},
		"a missing answer":          {"kind: Topic\nmetadata: {name: a}\nspec: {questions: [{id: a-1}]}\n", "topic a asks a-1, to which there is no answer"},
		"no exercise":               {"kind: Topic\nmetadata: {name: a}\nspec: {exercises: [b]}\n", "topic a names the exercise b, which is not there"},
		"a field that is not known": {"kind: Topic\nspec: {question: []}\n", `unknown field "question"`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if tc.content != "" {
				if err := os.Mkdir(filepath.Join(root, "content"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(root, "content/a.yaml"), []byte(tc.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Read(root); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}
