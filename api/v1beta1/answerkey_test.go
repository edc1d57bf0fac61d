package v1beta1_test

import (
	"fmt"
	"testing"
)

func TestAnswerKeyBounds(t *testing.T) {
	checkBounds(t, "answerkey", answerKeyBounds())
}

func answerKeyBounds() map[string]bound {
	const (
		name     = "an AnswerKey has the name of its topic"
		oneOf    = "an answer has exactly one of choice, choices, number, text and live"
		feedback = "optionFeedback goes with choice, choices and live"
	)
	answer := func(i int) any {
		return map[string]any{"id": fmt.Sprintf("q-%d", i), "choice": "this", "modelAnswer": "That."}
	}
	option := func(i int) any { return map[string]any{"option": fmt.Sprintf("option-%d", i), "text": "no"} }
	number := map[string]any{"value": "1"}
	live := map[string]any{"expression": "1"}
	word := func(i int) any { return fmt.Sprintf("word-%d", i) }
	bounds := map[string]bound{
		"a key is named like its topic":        {path: "metadata.name", at: theObject, breaks: name, fits: "kubernetes", refused: "k8s"},
		"a topic is given":                     {path: "spec.topic", breaks: "required", fits: "kubernetes", refused: absent{}},
		"a topic is not empty":                 {path: "spec.topic", breaks: "minLength", fits: "kubernetes", refused: ""},
		"a topic is bounded":                   {path: "spec.topic", given: map[string]any{"metadata.name": text(63)}, breaks: "maxLength", fits: text(63), refused: text(64)},
		"answers are given":                    {path: "spec.answers", breaks: "required", fits: many(1, answer), refused: absent{}},
		"there is an answer":                   {path: "spec.answers", breaks: "minItems", fits: many(1, answer), refused: many(0, answer)},
		"there are at most 32 answers":         {path: "spec.answers", breaks: "maxItems", fits: many(32, answer), refused: many(33, answer)},
		"ids are unique":                       {path: "spec.answers", breaks: "unique", fits: many(2, answer), refused: []any{answer(1), answer(1)}},
		"an answer has an id":                  {path: "spec.answers[0].id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"an id is not empty":                   {path: "spec.answers[0].id", breaks: "minLength", fits: "k", refused: ""},
		"an id is bounded":                     {path: "spec.answers[0].id", breaks: "maxLength", fits: text(31), refused: text(32)},
		"an id is in lower case":               {path: "spec.answers[0].id", breaks: "pattern", fits: "k8s-04", refused: "K8S_04"},
		"an answer has a model answer":         {path: "spec.answers[0].modelAnswer", breaks: "required", fits: "That.", refused: absent{}},
		"an answer has one form":               {path: "spec.answers[1].number", at: "spec.answers[]", breaks: oneOf, fits: number, refused: absent{}},
		"an answer is no choice and number":    {path: "spec.answers[0].number", at: "spec.answers[]", breaks: oneOf, fits: absent{}, refused: number},
		"an answer is no choice and live":      {path: "spec.answers[0].live", at: "spec.answers[]", breaks: oneOf, fits: absent{}, refused: live},
		"an answer is no choice and choices":   {path: "spec.answers[0].choices", at: "spec.answers[]", breaks: oneOf, fits: absent{}, refused: many(1, word)},
		"choices alone are an answer":          {path: "spec.answers[3].choices", at: "spec.answers[]", breaks: oneOf, fits: many(2, word), refused: absent{}},
		"a text alone is an answer":            {path: "spec.answers[4].text", at: "spec.answers[]", breaks: oneOf, fits: map[string]any{"accepted": many(1, word)}, refused: absent{}},
		"an answer is no text and live":        {path: "spec.answers[4].live", at: "spec.answers[]", breaks: oneOf, fits: absent{}, refused: live},
		"a number has no feedback for options": {path: "spec.answers[1].optionFeedback", at: "spec.answers[]", breaks: feedback, fits: absent{}, refused: many(1, option)},
		"a text has no feedback for options":   {path: "spec.answers[4].optionFeedback", at: "spec.answers[]", breaks: feedback, fits: absent{}, refused: many(1, option)},
		"choices have feedback for options":    {path: "spec.answers[3].optionFeedback", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"live has feedback for options":        {path: "spec.answers[2].optionFeedback", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"there is a choice":                    {path: "spec.answers[3].choices", breaks: "minItems", fits: many(1, word), refused: many(0, word)},
		"there are at most 8 choices":          {path: "spec.answers[3].choices", breaks: "maxItems", fits: many(8, word), refused: many(9, word)},
		"choices are unique":                   {path: "spec.answers[3].choices", breaks: "unique", fits: many(2, word), refused: []any{word(1), word(1)}},
		"a text has accepted forms":            {path: "spec.answers[4].text.accepted", breaks: "required", fits: many(1, word), refused: absent{}},
		"there is an accepted form":            {path: "spec.answers[4].text.accepted", breaks: "minItems", fits: many(1, word), refused: many(0, word)},
		"there are at most 16 accepted forms":  {path: "spec.answers[4].text.accepted", breaks: "maxItems", fits: many(16, word), refused: many(17, word)},
		"accepted forms are unique":            {path: "spec.answers[4].text.accepted", breaks: "unique", fits: many(2, word), refused: []any{word(1), word(1)}},
		"there are at most 8 feedbacks":        {path: "spec.answers[0].optionFeedback", breaks: "maxItems", fits: many(8, option), refused: many(9, option)},
		"an option has one feedback":           {path: "spec.answers[0].optionFeedback", breaks: "unique", fits: many(2, option), refused: []any{option(1), option(1)}},
		"a feedback has an option":             {path: "spec.answers[0].optionFeedback[0].option", breaks: "required", fits: "limit", refused: absent{}},
		"a feedback has a text":                {path: "spec.answers[0].optionFeedback[0].text", breaks: "required", fits: "no", refused: absent{}},
		"a number has a value":                 {path: "spec.answers[1].number.value", breaks: "required", fits: "300", refused: absent{}},
		"a value is not empty":                 {path: "spec.answers[1].number.value", breaks: "minLength", fits: "1", refused: ""},
		"a value is bounded":                   {path: "spec.answers[1].number.value", breaks: "maxLength", fits: digits(32), refused: digits(33)},
		"a value is a number":                  {path: "spec.answers[1].number.value", breaks: "pattern", fits: "-0.5", refused: "5m"},
		"a tolerance is bounded":               {path: "spec.answers[1].number.tolerance", breaks: "maxLength", fits: digits(32), refused: digits(33)},
		"a tolerance is not negative":          {path: "spec.answers[1].number.tolerance", breaks: "pattern", fits: "0.5", refused: "-0.5"},
		"a live answer has an expression":      {path: "spec.answers[2].live.expression", breaks: "required", fits: "1", refused: absent{}},
		"a live tolerance is bounded":          {path: "spec.answers[2].live.tolerance", breaks: "maxLength", fits: digits(32), refused: digits(33)},
		"a live tolerance is not negative":     {path: "spec.answers[2].live.tolerance", breaks: "pattern", fits: "0.5", refused: "-0.5"},
	}
	addLengths(bounds, map[string]int{
		"spec.answers[0].choice":                   31,
		"spec.answers[0].modelAnswer":              4096,
		"spec.answers[0].optionFeedback[0].option": 31,
		"spec.answers[0].optionFeedback[0].text":   512,
		"spec.answers[2].live.expression":          2048,
		"spec.answers[3].choices[0]":               31,
		"spec.answers[4].text.accepted[0]":         128,
	})
	addMaxLengths(bounds, map[string]int{"spec.answers[0].feedback": 512})
	return bounds
}

func digits(length int) string {
	return fmt.Sprintf("%0*d", length, 1)
}
