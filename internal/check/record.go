package check

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/text"
)

// record evaluates what a task keeps with its pass. Where one value is not to be had, unmet says why: a pass without
// its record would leave later tasks with nothing to compare.
func (j *judge) record(t *task) (record map[string]string, unmet *v1alpha1.CheckResult) {
	for _, r := range t.records {
		value, state, seen := j.recorded(t, r)
		if state != v1alpha1.StatePassed {
			return nil, &v1alpha1.CheckResult{
				Needed: fmt.Sprintf("%s can be read, to be compared later", r.name),
				Seen:   text.OneLine(seen, TextLength),
				State:  state,
			}
		}
		if record == nil {
			record = map[string]string{}
		}
		record[r.name] = value
	}
	return record, nil
}

func (j *judge) recorded(t *task, r recording) (text string, state v1alpha1.State, seen string) {
	label := fmt.Sprintf("record %s of task %s", r.name, t.name)
	if blocked := j.blocked(r.value); blocked != nil {
		return "", blocked.state, blocked.seen
	}
	value, outcome, err := r.value.evaluate(j.pass)
	switch outcome {
	case tooCostly:
		return "", v1alpha1.StatePending, tooLarge
	case interrupted:
		return "", v1alpha1.StatePending, j.interrupted()
	case broken:
		return "", v1alpha1.StateError, j.fault("%s cannot be evaluated: %v", label, err)
	case refused:
		return "", v1alpha1.StatePending, j.exercise.explain(r.value, j.in.Evidence, err)
	}
	text, kind := scalarText(value)
	switch {
	case kind == noValue:
		return "", v1alpha1.StatePending, "there is no value yet"
	case kind == notScalar:
		return "", v1alpha1.StateError, j.fault("%s returned %s where it must return a single value: correct its expression",
			label, value.Type().TypeName())
	case utf8.RuneCountInString(text) > RecordValueLength:
		return "", v1alpha1.StatePending, fmt.Sprintf("the value has more than %d characters", RecordValueLength)
	}
	return text, v1alpha1.StatePassed, ""
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
