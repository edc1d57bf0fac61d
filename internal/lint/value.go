package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// value is what is known of one part of an expression.
type value struct {
	shape *shape
	// path is how the value is reached, from a variable or a function's result.
	path path
	// sure is how many steps of the path lead to what is certainly there.
	sure int
	// optional tells that an absent value is no error: it is optional.
	optional bool
}

// isSure tells whether the value is certainly there.
func (v value) isSure() bool { return v.optional || v.sure == len(v.path.steps) }

// path is a chain of constant fields and indexes.
type path struct {
	root  string
	steps []step
}

// step is a field, or an index into a list.
type step struct {
	key     string
	index   int64
	isIndex bool
}

var plainKey = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// String is the path as an expression would have it.
func (p path) String() string { return p.written(len(p.steps)) }

// written is the path with optional steps from one on.
func (p path) written(optionalFrom int) string {
	var b strings.Builder
	b.WriteString(p.root)
	for i, s := range p.steps {
		mark := ""
		if i >= optionalFrom {
			mark = "?"
		}
		switch {
		case s.isIndex:
			fmt.Fprintf(&b, "[%s%d]", mark, s.index)
		case !plainKey.MatchString(s.key):
			fmt.Fprintf(&b, "[%s'%s']", mark, s.key)
		default:
			fmt.Fprintf(&b, ".%s%s", mark, s.key)
		}
	}
	return b.String()
}

// to is the path up to some step.
func (p path) to(n int) path { return path{root: p.root, steps: p.steps[:n]} }

// with is the path and one more step.
func (p path) with(s step) path {
	return path{root: p.root, steps: append(p.steps[:len(p.steps):len(p.steps)], s)}
}

// stepOf takes one constant step of an expression apart. Optional tells of a.?b and a[?0].
func stepOf(e ast.Expr) (operand ast.Expr, s step, optional, ok bool) {
	if e.Kind() == ast.SelectKind {
		return e.AsSelect().Operand(), step{key: e.AsSelect().FieldName()}, false, true
	}
	if e.Kind() != ast.CallKind {
		return nil, step{}, false, false
	}
	call := e.AsCall()
	switch call.FunctionName() {
	case operators.Index:
	case operators.OptIndex, operators.OptSelect:
		optional = true
	default:
		return nil, step{}, false, false
	}
	if call.Args()[1].Kind() != ast.LiteralKind {
		return nil, step{}, false, false
	}
	switch literal := call.Args()[1].AsLiteral().(type) {
	case types.String:
		return call.Args()[0], step{key: string(literal)}, optional, true
	case types.Int:
		return call.Args()[0], step{index: int64(literal), isIndex: true}, optional, true
	}
	return nil, step{}, false, false
}

// pathOf is the path of an expression that is a chain from a variable.
func pathOf(e ast.Expr) (path, bool) {
	operand, s, _, ok := stepOf(e)
	if ok {
		p, ok := pathOf(operand)
		return p.with(s), ok
	}
	if e.Kind() == ast.IdentKind {
		return path{root: strings.TrimPrefix(e.AsIdent(), ".")}, true
	}
	return path{}, false
}
