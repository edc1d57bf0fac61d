package lint

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"
	corev1 "k8s.io/api/core/v1"

	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/text"
)

// walker goes through one expression and works out what is known of each part, to find parts that can't be meant.
type walker struct {
	tree *ast.AST
	// variables are those of the exercise, by name.
	variables map[string]*shape
	// bound are the variables of the macros around the present place.
	bound map[string]value
	// present are paths that conditions around the present place have found to be there.
	present []string
	// report takes a finding of a rule, at a line of the expression.
	report func(rule string, line int, message string)
}

// walkExpression looks at an expression in which the variables have some shapes.
func walkExpression(x *check.Inspection, variables map[string]*shape, report func(rule string, line int, message string)) {
	w := &walker{tree: x.Tree(), variables: variables, bound: map[string]value{}, report: report}
	w.walk(w.tree.Expr())
}

func (w *walker) find(rule string, e ast.Expr, format string, args ...any) {
	w.report(rule, max(w.tree.SourceInfo().GetStartLocation(e.ID()).Line(), 1), fmt.Sprintf(format, args...))
}

// walk visits an expression and all below it.
func (w *walker) walk(e ast.Expr) value {
	switch e.Kind() {
	case ast.IdentKind:
		return w.ident(e)
	case ast.SelectKind, ast.CallKind:
		if operand, s, optional, ok := stepOf(e); ok {
			return w.step(e, operand, s, optional)
		}
		return w.call(e)
	case ast.ListKind:
		elem := &shape{form: formNone}
		for _, element := range e.AsList().Elements() {
			elem = join(elem, w.walk(element).shape)
		}
		return w.result(e, &shape{form: formList, elem: elem})
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
		return w.comprehension(e)
	}
	return w.result(e, w.checked(e))
}

// checked is what the type checker knows.
func (w *walker) checked(e ast.Expr) *shape {
	if t := w.tree.GetType(e.ID()); t != nil {
		return ofChecked(t)
	}
	return anything(false)
}

// result is a value that begins a path of its own, and is there unless the expression fails before.
func (w *walker) result(e ast.Expr, s *shape) value {
	name, err := parser.Unparse(e, w.tree.SourceInfo())
	if err != nil {
		name = "it"
	}
	return value{shape: s, path: path{root: text.OneLine(name, 80)}}
}

func (w *walker) ident(e ast.Expr) value {
	name, absolute := strings.CutPrefix(e.AsIdent(), ".")
	if v, ok := w.bound[name]; ok && !absolute {
		return v
	}
	s, ok := w.variables[name]
	if !ok {
		s = w.checked(e)
	}
	return value{shape: s, path: path{root: name}}
}

// step follows one constant field or index.
func (w *walker) step(e, operand ast.Expr, s step, optional bool) value {
	from := w.walk(operand)
	if e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
		w.presence(e, from, s)
		w.down(e, from, s)
		return w.result(e, &shape{form: formBool})
	}
	child, sure := w.down(e, from, s)
	v := value{shape: child, path: from.path.with(s), sure: from.sure, optional: from.optional || optional}
	if sure && from.isSure() || w.isPresent(v.path) {
		v.sure = len(v.path.steps)
	}
	return v
}

// down finds what stands at a step, and whether it is there whenever the value is.
func (w *walker) down(e ast.Expr, from value, s step) (child *shape, sure bool) {
	of := from.shape
	switch of.form {
	case formString, formNumber, formBool, formTimestamp, formDuration:
		w.find(ruleField, e, "%s is %s: there is nothing below it", from.path, of.form)
		return anything(of.unordered), true
	case formList:
		if !s.isIndex {
			w.find(ruleField, e, "%s is a list: write %s.exists(x, ...), or take one element by a filter", from.path, from.path)
			return anything(of.unordered), true
		}
		w.index(e, from)
		return of.elem, true
	case formObject, formMap:
		if s.isIndex {
			w.find(ruleField, e, "%s is %s: it has no element %d", from.path, of.form, s.index)
			return anything(of.unordered), true
		}
	default:
		if s.isIndex {
			w.index(e, from)
			return anything(of.unordered), true
		}
	}
	child, sure, ok := of.field(s.key)
	if !ok {
		w.find(ruleField, e, "%s: %s has no field %s%s", from.path.with(s), titleOf(of), s.key, suggestion(s.key, of.names()))
	}
	return child, sure
}

func titleOf(s *shape) string {
	if s.title == "" {
		return "it"
	}
	return s.title
}

// call looks at an operator or a function.
func (w *walker) call(e ast.Expr) value {
	call := e.AsCall()
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr:
		// Either side hides an error of the other, so that the order does not matter.
		is := name == operators.LogicalAnd
		w.assume(presentIf(args[1], is), func() { w.walk(args[0]) })
		w.assume(presentIf(args[0], is), func() { w.walk(args[1]) })
		return w.result(e, &shape{form: formBool})
	case operators.Conditional:
		w.walk(args[0])
		var yes, no value
		w.assume(presentIf(args[0], true), func() { yes = w.walk(args[1]) })
		w.assume(presentIf(args[0], false), func() { no = w.walk(args[2]) })
		return w.result(e, join(yes.shape, no.shape))
	}
	var given []value
	if call.IsMemberFunction() {
		given = append(given, w.walk(call.Target()))
	}
	for _, arg := range args {
		given = append(given, w.walk(arg))
	}
	return w.apply(e, call.FunctionName(), given)
}

// apply is what a function makes of the values that it is given, the target first.
func (w *walker) apply(e ast.Expr, function string, given []value) value {
	w.compare(e, function, given)
	switch function {
	case "container":
		return w.result(e, ofType(reflect.TypeFor[corev1.Container]()))
	case "value":
		v := given[0]
		v.optional, v.sure = false, len(v.path.steps)
		return v
	case "or":
		v := w.result(e, join(given[0].shape, given[1].shape))
		v.optional = true
		return v
	case "orValue":
		return w.result(e, join(given[0].shape, given[1].shape))
	case "optional.of", "optional.ofNonZeroValue":
		v := w.result(e, given[0].shape)
		v.optional = true
		return v
	case "optional.none":
		v := w.result(e, &shape{form: formNone})
		v.optional = true
		return v
	case "dyn":
		return given[0]
	case operators.Index, operators.OptIndex:
		if of := given[0].shape; of.form == formList || of.form == formMap {
			return w.result(e, of.elem)
		}
		return w.result(e, anything(given[0].shape.unordered))
	case operators.Add, "sort", "reverse", "distinct", "slice", "flatten":
		if s := given[0].shape; s.form == formList {
			return w.result(e, w.arranged(function, given))
		}
		if function == operators.Add && (given[0].shape.form == formString || given[1].shape.form == formString) {
			return w.result(e, &shape{form: formString})
		}
	}
	return w.result(e, w.checked(e))
}

// arranged is a list that the expression made: its order is the author's.
func (w *walker) arranged(function string, given []value) *shape {
	elem := given[0].shape.elem
	if function == operators.Add && given[1].shape.form == formList {
		elem = join(elem, given[1].shape.elem)
	}
	if function == "flatten" {
		elem = anything(elem.unordered)
	}
	return &shape{form: formList, elem: elem}
}

// literal is the text of a constant.
func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
