package check

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apiserver/pkg/cel/library"

	"github.com/lab-operator/lab-operator/internal/text"
)

// program is one compiled expression.
type program struct {
	run cel.Program
	// evidence that the expression refers to, in the order in which it does.
	evidence []string
	// paths of the expression, for words on what was seen.
	paths []path
	// done are the tasks whose pass the expression refers to.
	done []string
	// usesNow tells that time alone can change the value.
	usesNow bool
}

// outcome is how one evaluation ended.
type outcome int

const (
	// returned: there is a value.
	returned outcome = iota
	// refused: the expression cannot be evaluated on what is there. A learner can cause that.
	refused
	// tooCostly: what is there is too large for the limits.
	tooCostly
	// interrupted: the deadline passed.
	interrupted
	// broken: the operator is at fault.
	broken
)

// pass is one evaluation of an exercise. It holds the variables and counts the cost.
type pass struct {
	ctx       context.Context
	evidence  Snapshot
	variables map[string]any
	spent     uint64
}

// looksAt is the evidence that an expression refers to. One that did not compile refers to none.
func (p *program) looksAt() []string {
	if p == nil {
		return nil
	}
	return p.evidence
}

// evaluate runs one expression. The error says why when there is no value.
func (p *program) evaluate(in *pass) (ref.Val, outcome, error) {
	if in.ctx.Err() != nil {
		return nil, interrupted, context.Cause(in.ctx)
	}
	if in.spent >= PassCost {
		return nil, tooCostly, errors.New("the cost limit of the pass is used up")
	}
	value, details, err := p.run.ContextEval(in.ctx, in.variables)
	if details != nil && details.ActualCost() != nil {
		in.spent += *details.ActualCost()
	}
	if err == nil {
		return value, returned, nil
	}
	var stopped interpreter.EvalCancelledError
	var celError *types.Err
	switch {
	case errors.As(err, &stopped) && stopped.Cause == interpreter.CostLimitExceeded:
		return nil, tooCostly, err
	case errors.Is(err, errGrown):
		return nil, tooCostly, err
	case in.ctx.Err() != nil && errors.Is(err, interpreter.InterruptError{}):
		return nil, interrupted, err
	case errors.As(err, &celError):
		return nil, refused, err
	}
	return nil, broken, err
}

// compiler compiles the expressions of one exercise.
type compiler struct {
	env *cel.Env
	// evidence are the declared names.
	evidence map[string]bool
	// outputs are the names of the outputs of each task.
	outputs map[string][]string
	// params are the names of what is drawn for each learner.
	params []string
}

// scope says what one expression may do.
type scope struct {
	// length is the largest number of characters.
	length int
	// accepts tells whether a static type is one that the place of the expression can take. What is dynamically
	// typed is accepted always.
	accepts func(*cel.Type) bool
	// returns says what the expression has to return, for the message.
	returns string
	// done are the tasks that have certainly been passed when the expression is evaluated.
	done map[string]bool
	// doneHelp says how to make done available.
	doneHelp string
}

// compile returns the program or a sentence for the author.
func (c *compiler) compile(expression string, s scope) (*program, string) {
	switch length := utf8.RuneCountInString(expression); {
	case strings.TrimSpace(expression) == "":
		return nil, "is empty: write an expression"
	case length > s.length:
		return nil, fmt.Sprintf("has %d characters: write it in at most %d", length, s.length)
	}
	checked, issues := c.env.Compile(expression)
	if issues.Err() != nil {
		return nil, c.explain(issues)
	}
	if t := checked.OutputType(); t.Kind() != types.DynKind && !s.accepts(t) {
		return nil, fmt.Sprintf("returns %s: it must return %s", t, s.returns)
	}
	p := &program{paths: collectPaths(checked.NativeRep().Expr())}
	if message := c.classify(p, s); message != "" {
		return nil, message
	}
	var err error
	p.run, err = c.env.Program(checked,
		cel.CostLimit(ExpressionCost),
		cel.CostTrackerOptions(containerCost()),
		cel.InterruptCheckFrequency(interruptFrequency))
	if err != nil {
		return nil, "does not compile: " + text.OneLine(err.Error(), TextLength)
	}
	if c.isTooCostly(checked, p) {
		return nil, "costs too much even on a handful of small objects: use fewer nested macros or shorter lists"
	}
	return p, ""
}

// classify sorts the variables of an expression and applies the rules that the type checker cannot know.
func (c *compiler) classify(p *program, s scope) string {
	for _, use := range p.paths {
		if !use.free {
			continue
		}
		switch {
		case c.evidence[use.root]:
			if !slices.Contains(p.evidence, use.root) {
				p.evidence = append(p.evidence, use.root)
			}
		case use.root == varNow:
			p.usesNow = true
		case use.root == varLab:
			if message := checkLab(use); message != "" {
				return message
			}
		case use.root == varParams:
			if message := c.checkParams(use); message != "" {
				return message
			}
		case use.root == varDone:
			if message := c.checkDone(use, s); message != "" {
				return message
			}
			if task := use.steps[0].key; !slices.Contains(p.done, task) {
				p.done = append(p.done, task)
			}
		}
	}
	return ""
}

func checkLab(use path) string {
	fields := []string{"name", "namespace", "startedAt"}
	if len(use.steps) == 0 || !slices.Contains(fields, use.steps[0].key) {
		return "uses lab: there is lab.name, lab.namespace and lab.startedAt"
	}
	return ""
}

func (c *compiler) checkDone(use path, s scope) string {
	if len(use.steps) == 0 || use.steps[0].isIndex {
		return "uses done: write done.<task>.<name>, with the task by its name"
	}
	task := use.steps[0].key
	outputs, known := c.outputs[task]
	switch {
	case !known:
		return fmt.Sprintf("uses done.%s: the exercise has no task %s", task, task)
	case !s.done[task]:
		return fmt.Sprintf("uses done.%s: %s", task, s.doneHelp)
	case len(use.steps) == 1:
		return fmt.Sprintf("uses done.%s: write done.%s.<name>", task, task)
	}
	name := use.steps[1].key
	if name == "at" || name == "passed" || slices.Contains(outputs, name) {
		return ""
	}
	return fmt.Sprintf("uses done.%s.%s: task %s has %s", task, name, task, listOf(slices.Concat(outputs, []string{"at", "passed"})))
}

// explain turns the compiler's first complaint into a sentence for the author.
func (c *compiler) explain(issues *cel.Issues) string {
	first := issues.Errors()[0]
	message := text.OneLine(first.Message, TextLength)
	if rest, ok := strings.CutPrefix(message, "undeclared reference to '"); ok {
		name, _, _ := strings.Cut(rest, "'")
		names := make([]string, 0, len(c.evidence))
		for evidence := range c.evidence {
			names = append(names, evidence)
		}
		slices.Sort(names)
		names = append(names, varLab, varNow, varDone)
		if len(c.params) > 0 {
			names = append(names, varParams)
		}
		message = fmt.Sprintf("%s is neither evidence nor a function: there is %s", name,
			listOf(names))
	}
	return fmt.Sprintf("does not compile: %s (at column %d)", message, first.Location.Column()+1)
}

// isTooCostly tells whether an expression is over the limit whatever a learner does. Its cost is estimated as if every
// list and text of the evidence were tiny. Where that gives no bound, as for lists.range(size(pods)), or misses what the
// expression makes of its own, it is tried on empty evidence. So an expression over the limit at run time met large data:
// the learner's, not the author's, doing.
func (c *compiler) isTooCostly(checked *cel.Ast, p *program) bool {
	estimate, err := c.env.EstimateCost(checked, &library.CostEstimator{SizeEstimator: smallEvidence{}})
	if err == nil && estimate.Max < math.MaxUint64 && estimate.Max > ExpressionCost {
		return true
	}
	// The cost limit alone bounds the trial: a deadline would make the answer depend on the machine.
	trial := &pass{ctx: context.Background(), variables: c.emptyVariables()}
	_, outcome, _ := p.evaluate(trial)
	return outcome == tooCostly
}

// emptyVariables are for a trial: all evidence is an empty list.
func (c *compiler) emptyVariables() map[string]any {
	variables := variablesOf(Input{})
	params := map[string]any{}
	for _, name := range c.params {
		params[name] = int64(1)
	}
	variables[varParams] = params
	for name := range c.evidence {
		variables[name] = []any{}
	}
	return variables
}

// smallEvidence estimates the size of everything that is not known as small.
type smallEvidence struct{}

// EstimateSize implements checker.CostEstimator.
func (smallEvidence) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Min: 0, Max: smallSize}
}

// EstimateCallCost implements checker.CostEstimator.
func (smallEvidence) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// listOf joins names for a sentence.
func listOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
