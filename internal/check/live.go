package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/quiz"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Live is the compiled expression for the right answers to a question. It is safe for concurrent use.
type Live struct {
	exercise *Exercise
	program  *program
	form     liveForm
}

// Expectation is what a live answer is at one moment.
type Expectation struct {
	// Values are what the expression returned: texts, or numbers as int64, uint64 and float64. The form says whether they
	// are one answer together, or each is a right one.
	Values []any
	// Pending says why there are no values yet, in a sentence for the learner.
	Pending string
	// Recheck is the time after which the values may differ though the evidence does not. Zero is never.
	Recheck time.Duration
}

// liveForm is what a form asks of an expression.
type liveForm quiz.Form

// CompileLive compiles the expression for the right answers to a question that is written now. See Language.CompileLive.
func CompileLive(spec *v1beta1.ExerciseSpec, form v1beta1.QuestionType, expression string) (*Live, error) {
	return CurrentLanguage().CompileLive(spec, form, expression)
}

// CompileLive compiles the expression for the right answers to a question of a form, over the evidence of an exercise. It may
// refer to done of any task. The error is a sentence for the author.
func (l Language) CompileLive(spec *v1beta1.ExerciseSpec, form v1beta1.QuestionType, expression string) (*Live, error) {
	found, known := quiz.FormOf(form)
	if !known {
		return nil, fmt.Errorf("the form %s is not known here", form)
	}
	wanted := liveForm(found)
	c, sources, problems := newCompiler(l, spec)
	if c.env == nil {
		return nil, errors.New(problems[0].Message)
	}
	done := map[string]bool{}
	for _, t := range spec.Tasks {
		done[t.Name] = true
	}
	p, message := c.compile(expression, scope{length: ExpressionLength, accepts: wanted.accepts, returns: wanted.Returns, done: done})
	if message != "" {
		return nil, errors.New(message)
	}
	return &Live{exercise: &Exercise{sources: sources}, program: p, form: wanted}, nil
}

// accepts tells whether a static type can fit the form. What is dynamically typed is looked at when there is a value.
func (f liveForm) accepts(t *cel.Type) bool {
	if inner, ok := optionalOf(t); ok {
		return inner.Kind() == types.DynKind || f.accepts(inner)
	}
	if t.Kind() == types.ListKind {
		return f.acceptsElement(t.Parameters()[0])
	}
	return !f.Together && f.takes(t)
}

func (f liveForm) acceptsElement(t *cel.Type) bool {
	if inner, ok := optionalOf(t); ok {
		return f.acceptsElement(inner)
	}
	return t.Kind() == types.DynKind || f.takes(t)
}

func (f liveForm) takes(t ref.Type) bool {
	return slices.ContainsFunc(f.Values, func(wanted *cel.Type) bool { return wanted.TypeName() == t.TypeName() })
}

// Needs are the names of the evidence that the expression looks at. They are shared: do not change them.
func (l *Live) Needs() []string {
	return l.program.looksAt()
}

// Values tells what is right at this moment. An error is the fault of the author or the platform.
func (l *Live) Values(ctx context.Context, in Input) (Expectation, error) {
	ctx, cancel := context.WithTimeout(ctx, PassDeadline)
	defer cancel()
	return l.values(ctx, in)
}

func (l *Live) values(ctx context.Context, in Input) (Expectation, error) {
	j := &judge{exercise: l.exercise, in: in, pass: newPass(ctx, in)}
	if l.program.usesNow {
		j.recheck(NowInterval)
	}
	values, pending, err := l.look(j)
	if err != nil {
		return Expectation{}, err
	}
	return Expectation{Values: values, Pending: pending, Recheck: j.result.Recheck}, nil
}

func (l *Live) look(j *judge) (values []any, pending string, err error) {
	if blocked := j.blocked(l.program); blocked != nil {
		if blocked.state == v1beta1.CheckError {
			return nil, "", errors.New(j.faults[0])
		}
		return nil, blocked.observed, nil
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
		return nil, j.interrupted(), nil
	case broken:
		return nil, "", fmt.Errorf("its expression cannot be evaluated: %w", err)
	case refused:
		return nil, text.OneLine(l.exercise.explain(l.program, j.in.Evidence, err), TextLength), nil
	}
	return l.form.unpack(value)
}

// unpack takes the values out of what an expression returned.
func (f liveForm) unpack(value ref.Val) (values []any, pending string, err error) {
	value = unwrap(value)
	elements := []ref.Val{value}
	if list, ok := value.(traits.Lister); ok {
		size := list.Size().(types.Int)
		if size > LiveValues {
			return nil, tooLarge, nil
		}
		elements = nil
		for i := types.Int(0); i < size; i++ {
			elements = append(elements, unwrap(list.Get(i)))
		}
	} else if value != types.NullValue && f.Together {
		return nil, "", f.misfit(value)
	}
	for _, element := range elements {
		if element == types.NullValue || f.isTooLong(element) {
			continue
		}
		if !f.takes(element.Type()) {
			return nil, "", f.misfit(element)
		}
		values = append(values, element.Value())
	}
	if len(values) == 0 {
		return nil, "there is no value yet", nil
	}
	return values, "", nil
}

// isTooLong tells of a text that nobody can type, which is no answer. From a set nothing may be left out.
func (f liveForm) isTooLong(value ref.Val) bool {
	text, ok := value.(types.String)
	return ok && !f.Together && utf8.RuneCountInString(string(text)) > OutputValueLength
}

// unwrap takes a value out of an optional. An empty one is like null.
func unwrap(value ref.Val) ref.Val {
	optional, ok := value.(*types.Optional)
	switch {
	case !ok:
		return value
	case optional.HasValue():
		return unwrap(optional.GetValue())
	}
	return types.NullValue
}

func (f liveForm) misfit(value ref.Val) error {
	return fmt.Errorf("its expression returned a value of type %s: it must return %s", value.Type().TypeName(), f.Returns)
}
