package v1beta1_test

import (
	"fmt"
	"testing"
)

func TestLabReviewBounds(t *testing.T) {
	const q = "spec.questions[0]"
	question := func(i int) any { return map[string]any{"id": fmt.Sprintf("q-%d", i), "state": "Right"} }
	option := func(i int) any { return map[string]any{"letter": "a", "text": fmt.Sprintf("option %d", i)} }
	reference := func(i int) any { return map[string]any{"title": fmt.Sprintf("source %d", i)} }
	bounds := map[string]bound{
		"it names its Lab":                 {path: "spec.lab", breaks: "required", fits: "hpa", refused: absent{}},
		"the name of its Lab is not empty": {path: "spec.lab", breaks: "minLength", fits: "h", refused: ""},
		"there are at most 32 questions":   {path: "spec.questions", breaks: "maxItems", fits: many(32, question), refused: many(33, question)},
		"a question has an id":             {path: q + ".id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"a question's id is not empty":     {path: q + ".id", breaks: "minLength", fits: "k", refused: ""},
		"a question has a state":           {path: q + ".state", breaks: "required", fits: "Right", refused: absent{}},
		"only settled questions are in it": {path: q + ".state", breaks: "state is Right or Exhausted", fits: "Exhausted", refused: "Wrong"},
		"a question has at most 8 options": {path: q + ".options", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"an option has a letter":           {path: q + ".options[0].letter", breaks: "required", fits: "a", refused: absent{}},
		"an option has a text":             {path: q + ".options[0].text", breaks: "required", fits: "yes", refused: absent{}},
		"a state is one of six":            {path: q + ".state", breaks: "enum", fits: "Right", refused: "Passed"},
		"an option's letter is not empty":  {path: q + ".options[0].letter", breaks: "minLength", fits: "a", refused: ""},
		"an option's text is not empty":    {path: q + ".options[0].text", breaks: "minLength", fits: "a", refused: ""},
		"there are at most 8 references":   {path: q + ".references", breaks: "maxItems", fits: many(8, reference), refused: many(9, reference)},
		"a reference has a title":          {path: q + ".references[0].title", breaks: "required", fits: "a book", refused: absent{}},
		"a reference's title is not empty": {path: q + ".references[0].title", breaks: "minLength", fits: "a", refused: ""},
		"a reference is on the web": {
			path: q + ".references[0].url", breaks: "pattern", fits: "https://example.com", refused: "http://example.com",
		},
	}
	addMaxLengths(bounds, map[string]int{
		"spec.lab":                 40,
		q + ".answer":              1024,
		q + ".feedback":            1024,
		q + ".id":                  31,
		q + ".interviewQuestion":   512,
		q + ".modelAnswer":         4096,
		q + ".options[0].feedback": 1024,
		q + ".options[0].letter":   1,
		q + ".options[0].text":     512,
		q + ".prompt":              1024,
		q + ".references[0].title": 200,
	})
	bounds["a reference's url has at most 300 characters"] = bound{
		path: q + ".references[0].url", breaks: "maxLength", fits: "https://" + text(292), refused: "https://" + text(293),
	}
	checkBounds(t, "labreview", bounds)
}
