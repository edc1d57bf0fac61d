package v1beta1_test

import (
	"fmt"
	"testing"
)

func TestTopicBounds(t *testing.T) {
	checkBounds(t, "topic", topicBounds(), questionBounds(), countBounds("exerciseCount", "questionCount"))
}

func topicBounds() map[string]bound {
	const nameSize = "the name of a Topic has at most 63 characters"
	question := func(i int) any {
		return map[string]any{
			"id": fmt.Sprintf("q-%d", i), "interviewQuestion": "Why?", "prompt": "How many?", "type": "Number",
			"exercise": "hpa-scaling", "task": "requests",
		}
	}
	exercise := func(i int) any {
		if i == 0 {
			return "hpa-scaling" // which the questions name
		}
		return fmt.Sprintf("exercise-%d", i)
	}
	bounds := map[string]bound{
		"a name has at most 63 characters": {path: "metadata.name", at: theObject, breaks: nameSize, fits: text(63), refused: text(64)},
		"a title is given":                 {path: "spec.title", breaks: "required", fits: "Kubernetes", refused: absent{}},
		"exercises are given":              {path: "spec.exercises", breaks: "required", fits: many(1, exercise), refused: absent{}},
		"there is an exercise":             {path: "spec.exercises", given: map[string]any{"spec.questions": absent{}}, breaks: "minItems", fits: many(1, exercise), refused: many(0, exercise)},
		"there are at most 16 exercises":   {path: "spec.exercises", breaks: "maxItems", fits: many(16, exercise), refused: many(17, exercise)},
		"exercises are unique":             {path: "spec.exercises", breaks: "unique", fits: many(2, exercise), refused: []any{exercise(0), exercise(0)}},
		"there are at most 32 questions":   {path: "spec.questions", breaks: "maxItems", fits: many(32, question), refused: many(33, question)},
		"ids of questions are unique":      {path: "spec.questions", breaks: "unique", fits: many(2, question), refused: []any{question(1), question(1)}},
	}
	addLengths(bounds, map[string]int{
		"spec.title":        120,
		"spec.exercises[1]": 63,
	})
	addMaxLengths(bounds, map[string]int{"spec.description": 2048})
	return bounds
}

func questionBounds() map[string]bound {
	const (
		unknown = "a question names an exercise that the topic does not list"
		options = "a question of the type Choice or MultiChoice has options, and no other has"
		letters = "the name of an option is a word: letters from a to h alone are read as the letters of options"
		unit    = "unit goes with the type Number"
	)
	option := func(i int) any { return map[string]any{"name": fmt.Sprintf("option-%d", i), "text": "this"} }
	reference := func(int) any { return map[string]any{"title": "The manual"} }
	long := map[string]any{"spec.exercises[1]": text(63)}
	bounds := map[string]bound{
		"a question has an id":                {path: "spec.questions[0].id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"an id is not empty":                  {path: "spec.questions[0].id", breaks: "minLength", fits: "k", refused: ""},
		"an id is bounded":                    {path: "spec.questions[0].id", breaks: "maxLength", fits: text(31), refused: text(32)},
		"an id is in lower case":              {path: "spec.questions[0].id", breaks: "pattern", fits: "k8s-04", refused: "K8S-04"},
		"a question has a type":               {path: "spec.questions[0].type", breaks: "required", fits: "Choice", refused: absent{}},
		"a type is one of four":               {path: "spec.questions[1].type", breaks: "enum", fits: "Number", refused: "Live"},
		"a choice has options":                {path: "spec.questions[0].options", at: "spec.questions[]", breaks: options, fits: many(2, option), refused: absent{}},
		"a choice of several has options":     {path: "spec.questions[2].options", at: "spec.questions[]", breaks: options, fits: many(2, option), refused: absent{}},
		"a number has no options":             {path: "spec.questions[1].options", at: "spec.questions[]", breaks: options, fits: absent{}, refused: many(2, option)},
		"a text has no options":               {path: "spec.questions[3].options", at: "spec.questions[]", breaks: options, fits: absent{}, refused: many(2, option)},
		"a choice has two options":            {path: "spec.questions[0].options", breaks: "minItems", fits: many(2, option), refused: many(1, option)},
		"a choice has at most 8 options":      {path: "spec.questions[0].options", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"names of options are unique":         {path: "spec.questions[0].options", breaks: "unique", fits: many(2, option), refused: []any{option(1), option(1)}},
		"an option has a name":                {path: "spec.questions[0].options[0].name", breaks: "required", fits: "limits", refused: absent{}},
		"an option's name is not empty":       {path: "spec.questions[0].options[0].name", breaks: "minLength", fits: "l", refused: ""},
		"an option's name is bounded":         {path: "spec.questions[0].options[0].name", breaks: "maxLength", fits: text(31), refused: text(32)},
		"an option's name is no letters":      {path: "spec.questions[0].options[0].name", breaks: letters, fits: "cat", refused: "bad"},
		"an option's name is in lower case":   {path: "spec.questions[0].options[0].name", breaks: "pattern", fits: "the-limit", refused: "The limit"},
		"an option has a text":                {path: "spec.questions[0].options[0].text", breaks: "required", fits: "the limit", refused: absent{}},
		"a choice has no unit":                {path: "spec.questions[0].unit", at: "spec.questions[]", breaks: unit, fits: absent{}, refused: "seconds"},
		"a choice of several has no unit":     {path: "spec.questions[2].unit", at: "spec.questions[]", breaks: unit, fits: absent{}, refused: "seconds"},
		"a text has no unit":                  {path: "spec.questions[3].unit", at: "spec.questions[]", breaks: unit, fits: absent{}, refused: "seconds"},
		"a question has an interview text":    {path: "spec.questions[0].interviewQuestion", breaks: "required", fits: "Why?", refused: absent{}},
		"a question asks":                     {path: "spec.questions[0].prompt", breaks: "required", fits: "How many?", refused: absent{}},
		"a question has an exercise":          {path: "spec.questions[0].exercise", breaks: "required", fits: "hpa-scaling", refused: absent{}},
		"a question's exercise is not empty":  {path: "spec.questions[0].exercise", breaks: "minLength", fits: "hpa-scaling", refused: ""},
		"a question's exercise is bounded":    {path: "spec.questions[0].exercise", given: long, breaks: "maxLength", fits: text(63), refused: text(64)},
		"a question's exercise is listed":     {path: "spec.questions[0].exercise", at: "spec", breaks: unknown, fits: "rollouts", refused: "rollout"},
		"a question has a task":               {path: "spec.questions[0].task", breaks: "required", fits: "requests", refused: absent{}},
		"a question is shown in two ways":     {path: "spec.questions[0].reveal", breaks: "enum", fits: "AfterTask", refused: "Never"},
		"a question has an attempt":           {path: "spec.questions[0].attempts", breaks: "minimum", fits: 1, refused: 0},
		"a question has at most 10 attempts":  {path: "spec.questions[0].attempts", breaks: "maximum", fits: 10, refused: 11},
		"a difficulty is one of three":        {path: "spec.questions[0].difficulty", breaks: "enum", fits: "Advanced", refused: "Hard"},
		"a question has at most 8 references": {path: "spec.questions[0].references", breaks: "maxItems", fits: many(8, reference), refused: many(9, reference)},
		"a reference has a title":             {path: "spec.questions[0].references[0].title", breaks: "required", fits: "The manual", refused: absent{}},
		"a reference is bounded":              {path: "spec.questions[0].references[0].url", breaks: "maxLength", fits: "https://" + text(292), refused: "https://" + text(293)},
		"a reference is on the web":           {path: "spec.questions[0].references[0].url", breaks: "pattern", fits: "https://example.com", refused: "javascript:alert(1)"},
	}
	addLengths(bounds, map[string]int{
		"spec.questions[0].interviewQuestion":   512,
		"spec.questions[0].prompt":              1024,
		"spec.questions[0].task":                31,
		"spec.questions[0].options[0].text":     512,
		"spec.questions[0].references[0].title": 200,
	})
	addMaxLengths(bounds, map[string]int{"spec.questions[1].unit": 32})
	return bounds
}
