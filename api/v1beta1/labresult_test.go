package v1beta1_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestLabResultBounds(t *testing.T) {
	checkBounds(t, "labresult", labResultBounds(), passedBounds(), gradedBounds())
}

func labResultBounds() map[string]bound {
	const paramSize = "params hold texts of at most 63 characters"
	bounds := map[string]bound{
		"a workshop is given":         {path: "spec.workshop", breaks: "required", fits: "platform-morning", refused: absent{}},
		"an attendee is given":        {path: "spec.attendee", breaks: "required", fits: "Ада Лавлейс", refused: absent{}},
		"an attendee has any script":  {path: "spec.attendee", breaks: "maxLength", fits: strings.Repeat("艾", 128), refused: strings.Repeat("艾", 129)},
		"a lab is given":              {path: "spec.lab", breaks: "required", fits: "hpa", refused: absent{}},
		"a topic is given":            {path: "spec.topic", breaks: "required", fits: "kubernetes", refused: absent{}},
		"an exercise is given":        {path: "spec.exercise", breaks: "required", fits: "hpa-scaling", refused: absent{}},
		"a score is not negative":     {path: "spec.scorePercent", breaks: "minimum", fits: 0, refused: -1},
		"a score is at most 100":      {path: "spec.scorePercent", breaks: "maximum", fits: 100, refused: 101},
		"there are at most 8 params":  {path: "spec.params", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"a param's value is bounded":  {path: "spec.params.replicas", at: "spec.params", breaks: paramSize, fits: text(63), refused: text(64)},
		"a param's name is bounded":   {path: "spec.params", breaks: paramSize, fits: map[string]any{text(31): "a"}, refused: map[string]any{text(32): "a"}},
		"at most 16 tasks are passed": {path: "spec.passed", breaks: "maxItems", fits: many(16, passed), refused: many(17, passed)},
		"a task is passed once":       {path: "spec.passed", breaks: "unique", fits: many(2, passed), refused: []any{passed(1), passed(1)}},
		"at most 32 questions":        {path: "spec.questions", breaks: "maxItems", fits: many(32, graded), refused: many(33, graded)},
		"questions are unique":        {path: "spec.questions", breaks: "unique", fits: many(2, graded), refused: []any{graded(1), graded(1)}},
	}
	addLengths(bounds, map[string]int{
		"spec.workshop": 40,
		"spec.attendee": 128,
		"spec.lab":      40,
		"spec.topic":    63,
		"spec.exercise": 63,
	})
	addCounts(bounds, "spec.", "tasksPassed", "tasksTotal", "questionsRight", "questionsTotal")
	return bounds
}

func passedBounds() map[string]bound {
	const outputSize = "outputs holds texts of at most 256 characters"
	bounds := map[string]bound{
		"a passed task has a name":     {path: "spec.passed[0].name", breaks: "required", fits: "requests", refused: absent{}},
		"a passed task has a time":     {path: "spec.passed[0].at", breaks: "required", fits: "2026-01-02T03:04:05Z", refused: absent{}},
		"a pass has at most 8 outputs": {path: "spec.passed[1].outputs", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"an output's value is short":   {path: "spec.passed[1].outputs.hpaUID", at: "spec.passed[].outputs", breaks: outputSize, fits: text(256), refused: text(257)},
		"an output's name is short":    {path: "spec.passed[1].outputs", breaks: outputSize, fits: map[string]any{text(31): "a"}, refused: map[string]any{text(32): "a"}},
	}
	addLengths(bounds, map[string]int{"spec.passed[0].name": 31})
	return bounds
}

func gradedBounds() map[string]bound {
	const ungraded = "state is Right, Wrong or Exhausted: nothing else is recorded of a question"
	answer := func(i int) any { return fmt.Sprintf("answer %d", i) }
	bounds := map[string]bound{
		"a question has an id":          {path: "spec.questions[0].id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"a question has a state":        {path: "spec.questions[0].state", breaks: "required", fits: "Right", refused: absent{}},
		"an exhausted question is kept": {path: "spec.questions[0].state", breaks: "enum", fits: "Exhausted", refused: "Passed"},
		"an open question is not kept":  {path: "spec.questions[0].state", breaks: ungraded, fits: "Wrong", refused: "Open"},
		"attemptsLeft is not negative":  {path: "spec.questions[0].attemptsLeft", breaks: "minimum", fits: 0, refused: -1},
		"attemptsLeft is at most 10":    {path: "spec.questions[0].attemptsLeft", breaks: "maximum", fits: 10, refused: 11},
		"there are at most 10 attempts": {path: "spec.questions[0].attempts", breaks: "maxItems", fits: many(10, answer), refused: many(11, answer)},
		"attempts are unique":           {path: "spec.questions[0].attempts", breaks: "unique", fits: many(2, answer), refused: []any{"a", "a"}},
	}
	addLengths(bounds, map[string]int{"spec.questions[0].id": 31})
	addMaxLengths(bounds, map[string]int{"spec.questions[0].attempts[0]": 256})
	return bounds
}

func passed(i int) any {
	return map[string]any{"name": fmt.Sprintf("task%d", i), "at": "2026-01-02T03:04:05Z"}
}

func graded(i int) any {
	return map[string]any{"id": fmt.Sprintf("q-%d", i), "state": "Right"}
}
