package check

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// Conjuncts are the parts of an expression that is an "and" at its top, each an expression of its own, in their order. An
// expression that is none is its only part.
func (i *Inspector) Conjuncts(text string) ([]string, error) {
	if i == nil {
		return nil, fmt.Errorf("the exercise declares nothing that an expression can use")
	}
	env, err := i.compiler.env.Extend(cel.EnableMacroCallTracking())
	if err != nil {
		return nil, fmt.Errorf("take an expression apart: %w", err)
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("take an expression apart: %w", issues.Err())
	}
	var parts []string
	var walk func(ast.Expr) error
	walk = func(e ast.Expr) error {
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
			for _, side := range e.AsCall().Args() {
				if err := walk(side); err != nil {
					return err
				}
			}
			return nil
		}
		part, err := cel.ExprToString(e, parsed.NativeRep().SourceInfo())
		if err != nil {
			return fmt.Errorf("write a part of an expression: %w", err)
		}
		parts = append(parts, part)
		return nil
	}
	if err := walk(parsed.NativeRep().Expr()); err != nil {
		return nil, err
	}
	return parts, nil
}
