package lint

import (
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// presence looks at has(a.b.c): it is an error, and no false, where a.b is absent.
func (w *walker) presence(e ast.Expr, of value, s step) {
	if of.isSure() {
		return
	}
	absent := of.path.to(of.sure + 1)
	whole := of.path.with(s)
	w.find(ruleHas, e, "has(%s) is an error where %s is absent: write %s.hasValue(), or has(%s) && has(%s)",
		whole, absent, whole.written(of.sure), absent, whole)
}

// presentIf are the paths that are certainly there where a condition is true, or where it is not.
func presentIf(e ast.Expr, is bool) []string {
	if e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
		return present(e, is)
	}
	if e.Kind() != ast.CallKind {
		return nil
	}
	call := e.AsCall()
	switch call.FunctionName() {
	case operators.LogicalNot:
		return presentIf(call.Args()[0], !is)
	case operators.LogicalAnd, operators.LogicalOr:
		if is == (call.FunctionName() == operators.LogicalAnd) {
			return append(presentIf(call.Args()[0], is), presentIf(call.Args()[1], is)...)
		}
	case "hasValue":
		return present(call.Target(), is)
	}
	return nil
}

func present(e ast.Expr, is bool) []string {
	if p, ok := pathOf(e); ok && is {
		return []string{p.String()}
	}
	return nil
}

// assume runs a part of the walk with some paths known to be there.
func (w *walker) assume(paths []string, part func()) {
	before := len(w.present)
	w.present = append(w.present, paths...)
	part()
	w.present = w.present[:before]
}

// isPresent tells whether a path, or something below it, is known to be there.
func (w *walker) isPresent(p path) bool {
	name := p.String()
	for _, known := range w.present {
		rest, ok := strings.CutPrefix(known, name)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// withoutRoot hides what is known of a variable whose name a macro uses for its own.
func (w *walker) withoutRoot(name string) []string {
	var kept []string
	for _, known := range w.present {
		rest, ok := strings.CutPrefix(known, name)
		if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
			kept = append(kept, known)
		}
	}
	return kept
}
