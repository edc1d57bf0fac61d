package lint

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// compare looks at operators whose sides can never go together.
func (w *walker) compare(e ast.Expr, function string, given []value) {
	if len(given) != 2 {
		return
	}
	a, b := given[0], given[1]
	switch function {
	case operators.Equals, operators.NotEquals:
		if differ(a.shape, b.shape) {
			w.find(ruleCompare, e, "compares %s, %s, with %s, %s: they are never equal; %s",
				a.path, a.shape.form, b.path, b.shape.form, advice(a.shape, b.shape))
		}
		w.word(e, a, e.AsCall().Args()[1])
		w.word(e, b, e.AsCall().Args()[0])
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		if differ(a.shape, b.shape) {
			w.find(ruleCompare, e, "compares %s, %s, with %s, %s: that is always an error; %s",
				a.path, a.shape.form, b.path, b.shape.form, advice(a.shape, b.shape))
		}
	case operators.Add:
		if differ(a.shape, b.shape) && (a.shape.form == formString || b.shape.form == formString) {
			w.find(ruleCompare, e, "adds %s, %s, and %s, %s: that is always an error; %s",
				a.path, a.shape.form, b.path, b.shape.form, advice(a.shape, b.shape))
		}
	case operators.In:
		w.member(e, a, b)
	}
}

// member looks at a in b.
func (w *walker) member(e ast.Expr, a, b value) {
	if b.shape.form == formList && differ(a.shape, b.shape.elem) {
		w.find(ruleCompare, e, "looks for %s, %s, in a list of which each element is %s: it is never there; %s",
			a.path, a.shape.form, b.shape.elem.form, advice(a.shape, b.shape.elem))
	}
	if candidates := e.AsCall().Args()[1]; candidates.Kind() == ast.ListKind {
		for _, candidate := range candidates.AsList().Elements() {
			w.word(e, a, candidate)
		}
	}
}

// differ tells of two values of which it is known that they are of different kinds.
func differ(a, b *shape) bool {
	plain := []form{formString, formNumber, formBool, formTimestamp, formDuration, formList}
	return a.form != b.form && slices.Contains(plain, a.form) && slices.Contains(plain, b.form)
}

// advice says how the two get together.
func advice(a, b *shape) string {
	is := func(one, other form) bool {
		return a.form == one && b.form == other || a.form == other && b.form == one
	}
	switch {
	case is(formString, formTimestamp):
		return "write timestamp(...) around the string"
	case is(formString, formDuration):
		return "write duration(...) around the string"
	case is(formString, formNumber):
		return "write string(...) or int(...) around one of them"
	}
	return "write both as the same"
}

// word looks at a string that is compared with one of a few that there can be.
func (w *walker) word(e ast.Expr, of value, other ast.Expr) {
	word, ok := literal(other)
	if ok && word != "" && of.shape.form == formString && of.shape.values != nil && !slices.Contains(of.shape.values, word) {
		w.find(ruleCompare, e, "%s is never '%s'%s", of.path, word, suggestion(word, of.shape.values))
	}
}
