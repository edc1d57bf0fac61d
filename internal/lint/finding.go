package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// messageLength bounds a message, in characters.
const messageLength = 800

// Finding is something that an author has to correct, or to know.
type Finding struct {
	// File as it was given.
	File string
	// Line of the field, counted from 1; in a text that is written line by line, the line of what the finding is about.
	Line int
	// Field is its path, as in spec.tasks[0].checks[1].expression. It is empty for a whole document.
	Field string
	// Rule is empty for what the API server or the operator would refuse. A comment can suppress the findings of
	// a rule that has a name.
	Rule string
	// Message says what is wrong and what to do.
	Message string

	// in is the document, nil where a file is meant.
	in *Document
}

// String is the finding in one line.
func (f Finding) String() string {
	text := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Field != "" {
		text += f.Field + ": "
	}
	text += f.Message
	if f.Rule != "" {
		text += " [" + f.Rule + "]"
	}
	return text
}

// Report is the outcome of a run.
type Report struct {
	// Findings are to be corrected. They are sorted, each once.
	Findings []Finding
	// Notes say what could not be looked at. They are sorted, each once.
	Notes []Finding
	// Suppressed are the findings that a comment suppresses.
	Suppressed []Finding
	// Exercises, Topics and Questions count what was looked at.
	Exercises, Topics, Questions int
	// Bank counts the questions of each topic, in the order of their names.
	Bank []TopicCount
}

// TopicCount is how many questions of which kind a topic has.
type TopicCount struct {
	Topic string
	// Questions are all of them, Live those whose answer is computed from the learner's lab.
	Questions, Live int
	Types           map[v1beta1.QuestionType]int
	Difficulties    map[v1beta1.Difficulty]int
}

// inOrder sorts findings by place and takes out what is said twice.
func inOrder(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(findings)
}

// finding places a message at a field of a document.
func (d *Document) finding(rule, field, format string, args ...any) Finding {
	return Finding{
		File: d.File, Line: d.line(field), in: d, Field: field, Rule: rule,
		Message: text.OneLine(fmt.Sprintf(format, args...), messageLength),
	}
}
