package check

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// Live is the compiled expression for the expected values of a live question. It is safe for concurrent use.
type Live struct {
	exercise *Exercise
	program  *program
}

// CompileLive compiles an expression over the evidence of an exercise. It may refer to done of any task. The error is a
// sentence for the author.
func CompileLive(spec *v1alpha1.ExerciseSpec, expression string) (*Live, error) {
	c, sources, problems := newCompiler(spec)
	if c.env == nil {
		return nil, errors.New(problems[0].Message)
	}
	done := map[string]bool{}
	for _, t := range spec.Tasks {
		done[t.Name] = true
	}
	p, message := c.compile(expression, scope{
		length: ExpressionLength, accepts: isLiveType, returns: "a text, a number, or a list of them", done: done,
	})
	if message != "" {
		return nil, errors.New(message)
	}
	return &Live{exercise: &Exercise{sources: sources}, program: p}, nil
}

func isLiveType(t *cel.Type) bool {
	if inner, ok := optionalOf(t); ok {
		return inner.Kind() == types.DynKind || isLiveType(inner)
	}
	if t.Kind() == types.ListKind {
		inner := t.Parameters()[0]
		return inner.Kind() == types.DynKind || isLiveScalar(inner)
	}
	return isLiveScalar(t)
}

func isLiveScalar(t *cel.Type) bool {
	return isScalar(t) && t.Kind() != types.TimestampKind && t.Kind() != types.DurationKind
}

// Values returns the values that are right at this moment: string, int64, uint64, float64 and bool. When there are none
// yet, pending says why in a sentence for the learner. An error is the fault of the author or the platform.
func (l *Live) Values(ctx context.Context, in Input) (values []any, pending string, err error) {
	ctx, cancel := context.WithTimeout(ctx, PassDeadline)
	defer cancel()
	return l.values(ctx, in)
}

func (l *Live) values(ctx context.Context, in Input) (values []any, pending string, err error) {
	j := &judge{exercise: l.exercise, in: in, pass: newPass(ctx, in)}
	if blocked := j.blocked(l.program); blocked != nil {
		if blocked.state == v1alpha1.StateError {
			return nil, "", errors.New(j.faults[0])
		}
		return nil, blocked.seen, nil
	}
	done := j.pass.variables[varDone].(map[string]any)
	for _, task := range l.program.done {
		if done[task] == nil {
			return nil, fmt.Sprintf("the task %s has to be passed first", task), nil
		}
	}
	value, outcome, err := l.program.evaluate(j.pass)
	switch outcome {
	case tooCostly:
		return nil, tooLarge, nil
	case interrupted:
		return nil, outOfTime, nil
	case broken:
		return nil, "", fmt.Errorf("the expected value cannot be computed: %w", err)
	case refused:
		return nil, OneLine(l.exercise.explain(l.program, in.Evidence, err), TextLength), nil
	}
	return liveValues(value)
}

func liveValues(value ref.Val) (values []any, pending string, err error) {
	if optional, ok := value.(*types.Optional); ok && optional.HasValue() {
		value = optional.GetValue()
	}
	elements := []ref.Val{value}
	if list, ok := value.(traits.Lister); ok {
		size := list.Size().(types.Int)
		if size > LiveValues {
			return nil, tooLarge, nil
		}
		elements = nil
		for i := types.Int(0); i < size; i++ {
			elements = append(elements, list.Get(i))
		}
	}
	for _, element := range elements {
		if optional, ok := element.(*types.Optional); ok {
			if !optional.HasValue() {
				continue
			}
			element = optional.GetValue()
		}
		switch v := element.(type) {
		case types.Null:
		case types.String:
			if utf8.RuneCountInString(string(v)) <= RecordValueLength {
				values = append(values, string(v))
			}
		case types.Int, types.Uint, types.Double, types.Bool:
			values = append(values, v.Value())
		default:
			return nil, "", fmt.Errorf("the expected value is of type %s: it must be a text, a number, or a list of them",
				element.Type().TypeName())
		}
	}
	if len(values) == 0 {
		return nil, "there is no value yet", nil
	}
	return values, "", nil
}
