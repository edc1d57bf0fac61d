package check

import (
	"context"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

// Exercise is a compiled exercise. It is safe for concurrent use.
type Exercise struct{}

// Compile compiles every expression of an exercise. With any problem the Exercise is nil.
func Compile(spec *v1alpha1.ExerciseSpec) (*Exercise, []Problem) {
	return &Exercise{}, nil
}

// Evaluate judges all tasks.
func (e *Exercise) Evaluate(ctx context.Context, in Input) Result {
	return Result{}
}

// Ready tells whether all of spec.readyWhen holds, and which checks do not.
func (e *Exercise) Ready(ctx context.Context, in Input) (ok bool, unmet []v1alpha1.CheckResult) {
	return true, nil
}

// Live is the compiled expression for the expected values of a live question. It is safe for concurrent use.
type Live struct{}

// CompileLive compiles an expression over the evidence of an exercise.
func CompileLive(spec *v1alpha1.ExerciseSpec, expression string) (*Live, error) {
	return &Live{}, nil
}

// Values returns the values that are right at this moment. When there are none yet, pending says why.
// An error is the fault of the author or the platform.
func (l *Live) Values(ctx context.Context, in Input) (values []any, pending string, err error) {
	return nil, "", nil
}
