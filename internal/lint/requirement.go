package lint

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// requirement finds the parts of a condition that have to be equal, or one in the other, for the condition to be true: all
// that it could not be true without. What may be otherwise by another way, as beside an or, is left out.
type requirement struct {
	// isTarget tells which expressions are looked for.
	isTarget func(ast.Expr) bool
	// isPastTime tells which expressions are times that lie before a fresh environment.
	isPastTime func(ast.Expr) bool
}

// of are the parts that a condition needs in order to be true, or to be false.
func (r requirement) of(e ast.Expr, truth bool) []ast.Expr {
	switch e.Kind() {
	case ast.ComprehensionKind:
		return r.ofMacro(e.AsComprehension(), truth)
	case ast.CallKind:
		return r.ofCall(e, truth)
	}
	return nil
}

func (r requirement) ofCall(e ast.Expr, truth bool) []ast.Expr {
	call := e.AsCall()
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.LogicalNot:
		return r.of(args[0], !truth)
	case operators.LogicalAnd, operators.LogicalOr:
		a, b := r.of(args[0], truth), r.of(args[1], truth)
		if truth == (name == operators.LogicalAnd) {
			return append(a, b...)
		}
		return r.both(a, b)
	case operators.Conditional:
		yes, no := r.of(args[1], truth), r.of(args[2], truth)
		switch {
		case isBool(args[2], !truth):
			return append(r.of(args[0], true), yes...)
		case isBool(args[1], !truth):
			return append(r.of(args[0], false), no...)
		}
		return r.both(yes, no)
	case operators.Equals, operators.NotEquals:
		switch {
		case truth != (name == operators.Equals):
		case filtered(args[0]) != nil || filtered(args[1]) != nil:
			return append(r.ofSize(args[0], args[1], 1), r.ofSize(args[1], args[0], 1)...)
		case slices.ContainsFunc(args, r.hasTarget):
			return []ast.Expr{e}
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return r.ofOrder(e, name, truth)
	case operators.In, "contains", "startsWith", "endsWith", "matches":
		all := args
		if call.IsMemberFunction() {
			all = append([]ast.Expr{call.Target()}, args...)
		}
		if truth && slices.ContainsFunc(all, r.hasTarget) {
			return []ast.Expr{e}
		}
	}
	return nil
}

// ofOrder looks at sizes that have to be large, and at times that have to be before a task was passed.
func (r requirement) ofOrder(e ast.Expr, name string, truth bool) []ast.Expr {
	args := e.AsCall().Args()
	isLess := name == operators.Less || name == operators.LessEquals
	late, early := args[0], args[1]
	if truth == isLess {
		late, early = early, late
	}
	if r.isPastTime(late) && !r.isPastTime(early) {
		return []ast.Expr{e}
	}
	if !truth || isLess {
		return nil
	}
	least := int64(0)
	if name == operators.GreaterEquals {
		least = 1
	}
	return r.ofSize(args[0], args[1], least)
}

// both are the parts of two ways, where neither way does without.
func (requirement) both(a, b []ast.Expr) []ast.Expr {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	return append(a, b...)
}

// ofMacro looks at what exists, all and exists_one ask of an element.
func (r requirement) ofMacro(c ast.ComprehensionExpr, truth bool) []ast.Expr {
	step := c.LoopStep()
	if step.Kind() != ast.CallKind {
		return nil
	}
	args := step.AsCall().Args()
	switch step.AsCall().FunctionName() {
	case operators.LogicalOr, operators.LogicalAnd:
		return r.of(args[1], truth)
	case operators.Conditional:
		if truth && c.Result().Kind() == ast.CallKind {
			return r.of(args[0], true)
		}
	}
	return nil
}

// ofSize looks at what a filter asks of an element, where so many have to be left at least.
func (r requirement) ofSize(size, number ast.Expr, least int64) []ast.Expr {
	condition := filtered(size)
	if condition == nil || number.Kind() != ast.LiteralKind {
		return nil
	}
	if n, ok := number.AsLiteral().(types.Int); !ok || int64(n) < least {
		return nil
	}
	return r.of(condition, true)
}

// filtered is the condition of a filter whose size an expression is, nil for any other.
func filtered(e ast.Expr) ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "size" {
		return nil
	}
	of := e.AsCall().Target()
	if !e.AsCall().IsMemberFunction() {
		of = e.AsCall().Args()[0]
	}
	if of.Kind() != ast.ComprehensionKind {
		return nil
	}
	step := of.AsComprehension().LoopStep()
	if step.Kind() != ast.CallKind || step.AsCall().FunctionName() != operators.Conditional {
		return nil
	}
	return step.AsCall().Args()[0]
}

// hasTarget tells whether an expression has a part that is looked for.
func (r requirement) hasTarget(e ast.Expr) bool {
	found := false
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(part ast.Expr) { found = found || r.isTarget(part) }))
	return found
}

func isBool(e ast.Expr, value bool) bool {
	return e.Kind() == ast.LiteralKind && e.AsLiteral() == types.Bool(value)
}
