package lint

import (
	"maps"

	"github.com/google/cel-go/common/ast"
)

// comprehension looks at a macro, which binds variables of its own.
func (w *walker) comprehension(e ast.Expr) value {
	c := e.AsComprehension()
	over := w.walk(c.IterRange())
	accumulated := w.walk(c.AccuInit())
	before, present := w.bound, w.present
	w.bound = maps.Clone(before)
	bind := func(name string, v value) {
		if name != "" {
			w.present = w.withoutRoot(name)
			v.path, v.sure = path{root: name}, 0
			w.bound[name] = v
		}
	}
	first, second := elements(over.shape, c.HasIterVar2())
	bind(c.IterVar(), value{shape: first})
	if c.HasIterVar2() {
		bind(c.IterVar2(), value{shape: second})
	}
	bind(c.AccuVar(), accumulated)
	w.walk(c.LoopCondition())
	accumulated.shape = join(accumulated.shape, w.walk(c.LoopStep()).shape)
	w.bound[c.AccuVar()] = value{shape: accumulated.shape, path: path{root: c.AccuVar()}, optional: accumulated.optional}
	result := w.walk(c.Result())
	w.bound, w.present = before, present
	return w.result(e, w.known(e, result.shape))
}

// known prefers what was worked out to what the type checker knows.
func (w *walker) known(e ast.Expr, s *shape) *shape {
	if checked := w.checked(e); s.form == formUnknown && checked.form != formUnknown {
		return checked
	}
	return s
}

// elements are the shapes of what a macro takes out of a list or map, one or two at a time.
func elements(over *shape, two bool) (first, second *shape) {
	key := &shape{form: formString}
	switch over.form {
	case formList:
		first, second = over.elem, over.elem
		key = &shape{form: formNumber}
	case formMap:
		first, second = key, over.elem
	case formObject:
		first, second = key, anything(over.unordered)
	default:
		first, second, key = anything(over.unordered), anything(over.unordered), anything(false)
	}
	if two {
		return key, second
	}
	return first, second
}
