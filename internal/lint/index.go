package lint

import (
	"strings"

	"github.com/google/cel-go/common/ast"
)

// index looks at a constant index into a list: it takes what happens to stand there, where the order is not the
// author's.
func (w *walker) index(e ast.Expr, of value) {
	if !of.shape.unordered {
		return
	}
	name := of.path.String()
	if strings.HasSuffix(name, "ontainers") {
		w.find(ruleIndex, e, "takes the element of %s at a fixed place: anyone may put another container before it; write container(x, 'name')", name)
		return
	}
	w.find(ruleIndex, e, "takes the element of %s at a fixed place: its order is not yours; choose by what it is, as in %s.filter(x, x.name == 'a')",
		name, name)
}
