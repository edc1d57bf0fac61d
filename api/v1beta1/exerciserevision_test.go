package v1beta1_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestExerciseRevisionBounds(t *testing.T) {
	const (
		task     = "spec.tasks[0]"
		question = "spec.questions[0]"
	)
	aTask := func(i int) any {
		return map[string]any{"name": fmt.Sprintf("task%d", i), "title": "Do it", "instructions": "Now."}
	}
	aQuestion := func(i int) any {
		return map[string]any{"id": fmt.Sprintf("q-%d", i), "task": "requests", "type": "Number", "interviewQuestion": "Why?"}
	}
	option := func(i int) any { return map[string]any{"name": fmt.Sprintf("option-%d", i), "text": "this"} }
	reference := func(i int) any { return map[string]any{"title": fmt.Sprintf("source %d", i)} }
	name := func(i int) any { return fmt.Sprintf("task%d", i) }
	bounds := map[string]bound{
		"it names its exercise":            {path: "spec.exercise", breaks: "required", fits: "hpa-scaling", refused: absent{}},
		"it names its topic":               {path: "spec.topic", breaks: "required", fits: "kubernetes", refused: absent{}},
		"it has a title":                   {path: "spec.title", breaks: "required", fits: "Scale", refused: absent{}},
		"a difficulty is one of three":     {path: "spec.difficulty", breaks: "enum", fits: "Advanced", refused: "Hard"},
		"it takes a minute at least":       {path: "spec.estimatedMinutes", breaks: "minimum", fits: 1, refused: 0},
		"it takes 8 hours at most":         {path: "spec.estimatedMinutes", breaks: "maximum", fits: 480, refused: 481},
		"there are tasks":                  {path: "spec.tasks", breaks: "required", fits: many(1, aTask), refused: absent{}},
		"there is a task":                  {path: "spec.tasks", breaks: "minItems", fits: many(1, aTask), refused: many(0, aTask)},
		"there are at most 12 tasks":       {path: "spec.tasks", breaks: "maxItems", fits: many(12, aTask), refused: many(13, aTask)},
		"a task has a name":                {path: task + ".name", breaks: "required", fits: "requests", refused: absent{}},
		"a task has a title":               {path: task + ".title", breaks: "required", fits: "Do it", refused: absent{}},
		"a task has instructions":          {path: task + ".instructions", breaks: "required", fits: "Now.", refused: absent{}},
		"a task is worth a point":          {path: task + ".points", breaks: "minimum", fits: 1, refused: 0},
		"a task is worth at most 100":      {path: task + ".points", breaks: "maximum", fits: 100, refused: 101},
		"a mode is one of two":             {path: task + ".mode", breaks: "enum", fits: "Once", refused: "Twice"},
		"a task depends on at most 11":     {path: task + ".dependsOn", breaks: "maxItems", fits: many(11, name), refused: many(12, name)},
		"there are at most 32 questions":   {path: "spec.questions", breaks: "maxItems", fits: many(32, aQuestion), refused: many(33, aQuestion)},
		"a question has an id":             {path: question + ".id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"a question has a task":            {path: question + ".task", breaks: "required", fits: "requests", refused: absent{}},
		"a question has a type":            {path: question + ".type", breaks: "required", fits: "Number", refused: absent{}},
		"a type is one of four":            {path: question + ".type", breaks: "enum", fits: "Text", refused: "Live"},
		"a question has its open form":     {path: question + ".interviewQuestion", breaks: "required", fits: "Why?", refused: absent{}},
		"reveal is one of two":             {path: question + ".reveal", breaks: "enum", fits: "AfterTask", refused: "Never"},
		"a question has an attempt":        {path: question + ".attempts", breaks: "minimum", fits: 1, refused: 0},
		"a question has at most 10":        {path: question + ".attempts", breaks: "maximum", fits: 10, refused: 11},
		"a question has at most 8 options": {path: question + ".options", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"an option has a name":             {path: question + ".options[0].name", breaks: "required", fits: "limit", refused: absent{}},
		"an option's name is in lower case": {
			path: question + ".options[0].name", breaks: "pattern", fits: "limit", refused: "Limit",
		},
		"an option's name is no letter": {
			path: question + ".options[0].name", breaks: "the name of an option is a word: letters from a to h alone are read as the letters of options",
			fits: "limit", refused: "a",
		},
		"an option has a text":           {path: question + ".options[0].text", breaks: "required", fits: "the limit", refused: absent{}},
		"there are at most 8 references": {path: question + ".references", breaks: "maxItems", fits: many(8, reference), refused: many(9, reference)},
		"a reference has a title":        {path: question + ".references[0].title", breaks: "required", fits: "a book", refused: absent{}},
		"a reference is on the web": {
			path: question + ".references[0].url", breaks: "pattern", fits: "https://example.com", refused: "http://example.com",
		},
		"a reference's url is bounded": {
			path: question + ".references[0].url", breaks: "maxLength", fits: "https://" + text(292), refused: "https://" + text(293),
		},
	}
	addLengths(bounds, map[string]int{
		"spec.exercise":                   63,
		"spec.topic":                      63,
		"spec.title":                      120,
		task + ".name":                    31,
		task + ".title":                   200,
		task + ".instructions":            4096,
		question + ".id":                  31,
		question + ".task":                31,
		question + ".interviewQuestion":   512,
		question + ".options[0].name":     31,
		question + ".options[0].text":     512,
		question + ".references[0].title": 200,
	})
	addMaxLengths(bounds, map[string]int{
		"spec.description":           2048,
		"spec.tasks[1].dependsOn[0]": 31,
		question + ".prompt":         1024,
		question + ".unit":           32,
	})
	checkBounds(t, "exerciserevision", bounds)
}

// What labs were started from never changes.
func TestExerciseRevisionIsImmutable(t *testing.T) {
	ctx := context.Background()
	created := create(t, document(t, "exerciserevision"))
	set(t, created, "metadata.labels", map[string]any{"a": "b"})
	labeled, err := resource(t, created).Update(ctx, created, metav1.UpdateOptions{})
	if err != nil {
		t.Fatalf("labels are refused: %v", err)
	}
	set(t, labeled, "spec.title", "Another")
	if _, err := resource(t, labeled).Update(ctx, labeled, metav1.UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "spec is immutable") {
		t.Errorf("another title gives %v", err)
	}
}
