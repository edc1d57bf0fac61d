package check

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// outputs evaluates what a task keeps with its pass. Where one value is not to be had, unmet says why: a pass without
// its outputs would leave later tasks with nothing to compare.
func (j *judge) outputs(t *task) (outputs map[string]string, unmet *v1beta1.CheckResult) {
	for _, o := range t.outputs {
		value, state, observed := j.output(t, o)
		if state != v1beta1.CheckPassed {
			return nil, &v1beta1.CheckResult{
				Expected: fmt.Sprintf("%s can be read, to be compared later", o.name),
				Observed: text.OneLine(observed, TextLength),
				State:    state,
			}
		}
		if outputs == nil {
			outputs = map[string]string{}
		}
		outputs[o.name] = value
	}
	return outputs, nil
}

func (j *judge) output(t *task, o output) (text string, state v1beta1.CheckState, observed string) {
	label := fmt.Sprintf("output %s of task %s", o.name, t.name)
	if blocked := j.blocked(o.value); blocked != nil {
		return "", blocked.state, blocked.observed
	}
	value, outcome, err := o.value.evaluate(j.pass)
	switch outcome {
	case tooCostly:
		return "", v1beta1.CheckPending, tooLarge
	case interrupted:
		return "", v1beta1.CheckPending, j.interrupted()
	case broken:
		return "", v1beta1.CheckError, j.fault("%s cannot be evaluated: %v", label, err)
	case refused:
		return "", v1beta1.CheckPending, j.exercise.explain(o.value, j.in.Evidence, err)
	}
	text, kind := scalarText(value)
	switch {
	case kind == noValue:
		return "", v1beta1.CheckPending, "there is no value yet"
	case kind == notScalar:
		return "", v1beta1.CheckError, j.fault("%s returned %s where it must return a single value: correct its expression",
			label, value.Type().TypeName())
	case utf8.RuneCountInString(text) > OutputValueLength:
		return "", v1beta1.CheckPending, fmt.Sprintf("the value has more than %d characters", OutputValueLength)
	}
	return text, v1beta1.CheckPassed, ""
}

// valueKind sorts values by whether they fit in a short text.
type valueKind int

const (
	scalar valueKind = iota
	noValue
	notScalar
)

// scalarText is a single value as text, in a form that does not depend on where it came from.
func scalarText(value ref.Val) (string, valueKind) {
	if optional, ok := value.(*types.Optional); ok {
		if !optional.HasValue() {
			return "", noValue
		}
		return scalarText(optional.GetValue())
	}
	switch v := value.(type) {
	case types.String:
		return string(v), scalar
	case types.Int:
		return strconv.FormatInt(int64(v), 10), scalar
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), scalar
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), scalar
	case types.Bool:
		return strconv.FormatBool(bool(v)), scalar
	case types.Timestamp:
		return v.UTC().Format(time.RFC3339Nano), scalar
	case types.Duration:
		return v.Duration.String(), scalar
	case types.Null:
		return "", noValue
	}
	return "", notScalar
}
