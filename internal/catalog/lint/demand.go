package lint

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// demand finds the parts of a condition that have to be equal, or one in the other, for the condition to be true: all
// that it could not be true without. What may be otherwise by another way, as beside an or, is left out.
type demand struct {
	// isBound tells which expressions are looked for.
	isBound func(ast.Expr) bool
	// isPast tells which expressions are times that lie before a fresh environment.
	isPast func(ast.Expr) bool
}

// of are the parts that a condition needs in order to be true, or to be false.
func (d demand) of(e ast.Expr, truth bool) []ast.Expr {
	switch e.Kind() {
	case ast.ComprehensionKind:
		return d.ofMacro(e.AsComprehension(), truth)
	case ast.CallKind:
		return d.ofCall(e, truth)
	}
	return nil
}

func (d demand) ofCall(e ast.Expr, truth bool) []ast.Expr {
	call := e.AsCall()
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.LogicalNot:
		return d.of(args[0], !truth)
	case operators.LogicalAnd, operators.LogicalOr:
		a, b := d.of(args[0], truth), d.of(args[1], truth)
		if truth == (name == operators.LogicalAnd) {
			return append(a, b...)
		}
		return d.both(a, b)
	case operators.Conditional:
		yes, no := d.of(args[1], truth), d.of(args[2], truth)
		switch {
		case isBool(args[2], !truth):
			return append(d.of(args[0], true), yes...)
		case isBool(args[1], !truth):
			return append(d.of(args[0], false), no...)
		}
		return d.both(yes, no)
	case operators.Equals, operators.NotEquals:
		switch {
		case truth != (name == operators.Equals):
		case filtered(args[0]) != nil || filtered(args[1]) != nil:
			return append(d.ofSize(args[0], args[1], 1), d.ofSize(args[1], args[0], 1)...)
		case slices.ContainsFunc(args, d.mentions):
			return []ast.Expr{e}
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return d.ofOrder(e, name, truth)
	case operators.In, "contains", "startsWith", "endsWith", "matches":
		all := args
		if call.IsMemberFunction() {
			all = append([]ast.Expr{call.Target()}, args...)
		}
		if truth && slices.ContainsFunc(all, d.mentions) {
			return []ast.Expr{e}
		}
	}
	return nil
}

// ofOrder looks at sizes that have to be large, and at times that have to be before a task was passed.
func (d demand) ofOrder(e ast.Expr, name string, truth bool) []ast.Expr {
	args := e.AsCall().Args()
	isLess := name == operators.Less || name == operators.LessEquals
	late, early := args[0], args[1]
	if truth == isLess {
		late, early = early, late
	}
	if d.isPast(late) && !d.isPast(early) {
		return []ast.Expr{e}
	}
	if !truth || isLess {
		return nil
	}
	least := int64(0)
	if name == operators.GreaterEquals {
		least = 1
	}
	return d.ofSize(args[0], args[1], least)
}

// both are the parts of two ways, where neither way does without.
func (demand) both(a, b []ast.Expr) []ast.Expr {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	return append(a, b...)
}

// ofMacro looks at what exists, all and exists_one ask of an element.
func (d demand) ofMacro(c ast.ComprehensionExpr, truth bool) []ast.Expr {
	step := c.LoopStep()
	if step.Kind() != ast.CallKind {
		return nil
	}
	args := step.AsCall().Args()
	switch step.AsCall().FunctionName() {
	case operators.LogicalOr, operators.LogicalAnd:
		return d.of(args[1], truth)
	case operators.Conditional:
		if truth && c.Result().Kind() == ast.CallKind {
			return d.of(args[0], true)
		}
	}
	return nil
}

// ofSize looks at what a filter asks of an element, where so many have to be left at least.
func (d demand) ofSize(size, number ast.Expr, least int64) []ast.Expr {
	condition := filtered(size)
	if condition == nil || number.Kind() != ast.LiteralKind {
		return nil
	}
	if n, ok := number.AsLiteral().(types.Int); !ok || int64(n) < least {
		return nil
	}
	return d.of(condition, true)
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

// mentions tells whether an expression has a part that is looked for.
func (d demand) mentions(e ast.Expr) bool {
	found := false
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(part ast.Expr) { found = found || d.isBound(part) }))
	return found
}

func isBool(e ast.Expr, value bool) bool {
	return e.Kind() == ast.LiteralKind && e.AsLiteral() == types.Bool(value)
}
