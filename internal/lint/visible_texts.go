package lint

import (
	"fmt"
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// visibleText is something that a learner of the exercise reads.
type visibleText struct {
	document *Document
	field    string
	text     string
}

// visibleTexts are all that a learner reads of the exercise before its questions are settled.
func (l *exerciseLinter) visibleTexts() []visibleText {
	var all []visibleText
	add := func(field, text string) {
		all = append(all, visibleText{document: l.exercise.Document, field: field, text: text})
	}
	add("spec.title", l.spec.Title)
	add("spec.description", l.spec.Description)
	for i, c := range l.spec.ReadyWhen {
		add(fmt.Sprintf("spec.readyWhen[%d].expected", i), c.Expected)
	}
	for i, t := range l.spec.Tasks {
		field := fmt.Sprintf("spec.tasks[%d]", i)
		add(field+".title", t.Title)
		add(field+".instructions", t.Instructions)
		for j, c := range t.Checks {
			add(fmt.Sprintf("%s.checks[%d].expected", field, j), c.Expected)
		}
		for j, hint := range t.Hints {
			add(fmt.Sprintf("%s.hints[%d].text", field, j), hint.Text)
		}
	}
	for _, e := range l.expressions {
		if e.role == messageRole {
			for _, text := range visibleLiterals(e.Tree().Expr()) {
				add(e.field, text)
			}
		}
	}
	return all
}

// visibleLiterals are the texts in an expression that a learner may read: not those that it compares with, or looks up by.
func visibleLiterals(root ast.Expr) []string {
	hidden := map[int64]bool{}
	var found []string
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if text, ok := literal(e); ok && !hidden[e.ID()] {
			found = append(found, text)
		}
		if e.Kind() != ast.CallKind || !slices.Contains(comparisons(), e.AsCall().FunctionName()) {
			return
		}
		for _, arg := range e.AsCall().Args() {
			hidden[arg.ID()] = true
			if arg.Kind() == ast.ListKind {
				for _, element := range arg.AsList().Elements() {
					hidden[element.ID()] = true
				}
			}
		}
	}))
	return found
}

// comparisons are the functions whose texts go no further.
func comparisons() []string {
	return []string{
		operators.Equals, operators.NotEquals, operators.In, operators.Index, operators.OptIndex, operators.OptSelect,
		"container", "contains", "startsWith", "endsWith", "matches", "quantity", "timestamp", "duration", "split",
	}
}
