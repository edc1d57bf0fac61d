package check

import (
	"context"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// Inspector compiles the expressions of an exercise one by one, in the language of Compile, for tools that look at what
// an author wrote. What is wrong with an expression is for Compile and CompileLive to say.
type Inspector struct{ compiler compiler }

// Inspection is one expression that compiles. It is safe for concurrent use.
type Inspection struct {
	program  *program
	checked  *cel.Ast
	compiler *compiler
}

// Inspect declares what the expressions of an exercise can use. It is nil when that is not possible.
func Inspect(spec *v1beta1.ExerciseSpec) *Inspector {
	c, _, _ := newCompiler(CurrentLanguage(), spec)
	if c.env == nil {
		return nil
	}
	return &Inspector{compiler: c}
}

// Expression compiles one expression, whatever it returns and wherever it stands. It is nil when it does not compile.
func (i *Inspector) Expression(text string) *Inspection {
	if i == nil {
		return nil
	}
	done := map[string]bool{}
	for task := range i.compiler.outputs {
		done[task] = true
	}
	anything := scope{length: ExpressionLength, accepts: func(*cel.Type) bool { return true }, done: done}
	p, message := i.compiler.compile(text, anything)
	if message != "" {
		return nil
	}
	checked, issues := i.compiler.env.Compile(text)
	if issues.Err() != nil {
		return nil
	}
	return &Inspection{program: p, checked: checked, compiler: &i.compiler}
}

// Tree is the expression with its macros expanded, and with the types that are known without any evidence.
func (x *Inspection) Tree() *ast.AST { return x.checked.NativeRep() }

// Evidence are the names of the evidence that the expression refers to, in the order in which it does.
func (x *Inspection) Evidence() []string { return x.program.evidence }

// Params are the names of the params that the expression refers to.
func (x *Inspection) Params() []string {
	var names []string
	for _, use := range x.program.paths {
		if use.free && use.root == varParams && len(use.steps) > 0 {
			names = append(names, use.steps[0].key)
		}
	}
	return names
}

// Outputs are the outputs of tasks that the expression refers to, as task and name. The time of a pass is none.
func (x *Inspection) Outputs() [][2]string {
	var outputs [][2]string
	for _, use := range x.program.paths {
		if use.free && use.root == varDone && len(use.steps) > 1 {
			outputs = append(outputs, [2]string{use.steps[0].key, use.steps[1].key})
		}
	}
	return outputs
}

// Constant tells whether a condition has one value whatever the evidence, the params, the lab and the time are, and which.
func (x *Inspection) Constant() (value, constant bool) {
	run, err := x.compiler.env.Program(x.checked, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(ExpressionCost))
	if err != nil {
		return false, false
	}
	unknown := []*cel.AttributePatternType{
		cel.AttributePattern(varLab), cel.AttributePattern(varNow), cel.AttributePattern(varDone), cel.AttributePattern(varParams),
	}
	for name := range x.compiler.evidence {
		unknown = append(unknown, cel.AttributePattern(name))
	}
	variables, err := cel.PartialVars(map[string]any{}, unknown...)
	if err != nil {
		return false, false
	}
	result, _, err := run.Eval(variables)
	if err != nil {
		return false, false
	}
	known, ok := result.(types.Bool)
	return bool(known), ok
}

// Holds tells whether the expression is true of an input, as the check of a task.
func (x *Inspection) Holds(ctx context.Context, in Input) bool {
	j := &judge{exercise: &Exercise{}, in: in, pass: newPass(ctx, in)}
	if j.blocked(x.program) != nil {
		return false
	}
	value, _, err := x.program.evaluate(j.pass)
	return err == nil && value == types.True
}
