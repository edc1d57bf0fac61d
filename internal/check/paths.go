package check

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// step is one part of a path: a key, or an index into a list.
type step struct {
	key     string
	index   int64
	isIndex bool
}

// path is a chain of constant fields and indexes in an expression, as in hpa.spec.metrics[0].
type path struct {
	// root is the name of the variable, empty when the chain starts at something else, as at a function's result.
	root string
	// free tells that root is a variable of the exercise and not one of a macro, as p is in pods.all(p, ...).
	free bool
	// lenient tells that the expression copes with the last step, or some step, being absent.
	lenient bool
	steps   []step
}

var plainKey = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// String is the path without its root, as kubectl explain would take it where the keys are plain.
func (p path) String() string {
	var b strings.Builder
	for i, s := range p.steps {
		switch {
		case s.isIndex:
			fmt.Fprintf(&b, "[%d]", s.index)
		case !plainKey.MatchString(s.key):
			fmt.Fprintf(&b, "['%s']", s.key)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.key)
		}
	}
	return b.String()
}

// to is the path up to and including a step.
func (p path) to(last int) path {
	p.steps = p.steps[:last+1]
	return p
}

// follow walks down a raw value. It returns what is there, or the first step that is not.
func (p path) follow(value any) (found any, missing int, ok bool) {
	for i, s := range p.steps {
		switch v := value.(type) {
		case map[string]any:
			next, has := v[s.key]
			if s.isIndex || !has {
				return nil, i, false
			}
			value = next
		case []any:
			if !s.isIndex || s.index < 0 || s.index >= int64(len(v)) {
				return nil, i, false
			}
			value = v[s.index]
		default:
			return nil, i, false
		}
	}
	return value, 0, true
}

// collectPaths lists the paths of an expression in the order in which they stand there.
func collectPaths(root ast.Expr) []path {
	w := &pathWalker{bound: map[string]int{}}
	w.walk(root)
	return w.paths
}

type pathWalker struct {
	// bound counts the macros around the current place that bind a name.
	bound map[string]int
	paths []path
}

func (w *pathWalker) walk(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		w.chain(e)
	case ast.CallKind:
		if _, _, ok := stepOf(e); ok {
			w.chain(e)
			return
		}
		call := e.AsCall()
		if call.IsMemberFunction() {
			w.walk(call.Target())
		}
		w.walkAll(call.Args())
	case ast.ListKind:
		w.walkAll(e.AsList().Elements())
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.walk(entry.AsMapEntry().Key())
			w.walk(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, field := range e.AsStruct().Fields() {
			w.walk(field.AsStructField().Value())
		}
	case ast.ComprehensionKind:
		w.comprehension(e.AsComprehension())
	}
}

func (w *pathWalker) walkAll(exprs []ast.Expr) {
	for _, e := range exprs {
		w.walk(e)
	}
}

func (w *pathWalker) comprehension(c ast.ComprehensionExpr) {
	w.walk(c.IterRange())
	w.walk(c.AccuInit())
	w.bound[c.AccuVar()]++
	w.bound[c.IterVar()]++
	w.bound[c.IterVar2()]++
	w.walk(c.LoopCondition())
	w.walk(c.LoopStep())
	w.bound[c.IterVar()]--
	w.bound[c.IterVar2()]--
	w.walk(c.Result())
	w.bound[c.AccuVar()]--
}

// chain records the longest chain that ends at e.
func (w *pathWalker) chain(e ast.Expr) {
	var reversed []step
	lenient := false
	for {
		s, operand, ok := stepOf(e)
		if !ok {
			break
		}
		lenient = lenient || isLenient(e)
		reversed = append(reversed, s)
		e = operand
	}
	p := path{lenient: lenient}
	for i := len(reversed) - 1; i >= 0; i-- {
		p.steps = append(p.steps, reversed[i])
	}
	if e.Kind() == ast.IdentKind {
		name, absolute := strings.CutPrefix(e.AsIdent(), ".")
		p.root, p.free = name, absolute || w.bound[name] == 0
		w.paths = append(w.paths, p)
		return
	}
	w.walk(e)
	if len(p.steps) > 0 {
		w.paths = append(w.paths, p)
	}
}

// stepOf takes one constant step apart. An index that is computed ends a chain: it is walked for its own paths.
func stepOf(e ast.Expr) (s step, operand ast.Expr, ok bool) {
	if e.Kind() == ast.SelectKind {
		sel := e.AsSelect()
		return step{key: sel.FieldName()}, sel.Operand(), true
	}
	if e.Kind() != ast.CallKind {
		return step{}, nil, false
	}
	call := e.AsCall()
	switch call.FunctionName() {
	case operators.OptSelect, operators.Index, operators.OptIndex:
	default:
		return step{}, nil, false
	}
	args := call.Args()
	if len(args) != 2 || args[1].Kind() != ast.LiteralKind {
		return step{}, nil, false
	}
	switch literal := args[1].AsLiteral().(type) {
	case types.String:
		return step{key: string(literal)}, args[0], true
	case types.Int:
		return step{index: int64(literal), isIndex: true}, args[0], true
	}
	return step{}, nil, false
}

// isLenient tells whether a step is allowed to be absent: has(a.b), a.?b, a[?0].
func isLenient(e ast.Expr) bool {
	if e.Kind() == ast.SelectKind {
		return e.AsSelect().IsTestOnly()
	}
	return e.AsCall().FunctionName() != operators.Index
}
