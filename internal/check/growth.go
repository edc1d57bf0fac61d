package check

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/functions"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// errGrown is the end of an expression that would make something larger than the limits allow.
var errGrown = errors.New("the value would be too large")

// growing are the functions whose result can be far larger than what they are given, and how large it gets at most: in
// bytes, or in elements. The language charges for what it has read, not for what it makes of it, and that after it was
// made; so these are looked at first. Everything else makes as much as it is given or is charged for, or less.
var growing = map[string]struct {
	limit int
	size  func(args []ref.Val, limit int) int
}{
	"replace": {GrownText, replacedSize},
	"join":    {GrownText, joinedSize},
	"format":  {GrownText, formattedSize},
	"flatten": {GrownList, flatSize},
}

// boundedFunctions puts the limits before the functions of the language that need them.
func boundedFunctions(base *cel.Env) ([]cel.EnvOption, error) {
	var options []cel.EnvOption
	for name, grown := range growing {
		function, found := base.Functions()[name]
		if !found {
			return nil, fmt.Errorf("the language has no function %s", name)
		}
		bindings, err := function.Bindings()
		if err != nil {
			return nil, fmt.Errorf("the function %s of the language: %w", name, err)
		}
		bound := map[string]*functions.Overload{}
		for _, binding := range bindings {
			bound[binding.Operator] = binding
		}
		var overloads []cel.FunctionOpt
		for _, overload := range function.OverloadDecls() {
			call := caller(bound[overload.ID()], len(overload.ArgTypes()))
			overloads = append(overloads, cel.MemberOverload(overload.ID(), overload.ArgTypes(), overload.ResultType(),
				cel.FunctionBinding(func(args ...ref.Val) ref.Val {
					if grown.size(args, grown.limit) > grown.limit {
						return types.WrapErr(errGrown)
					}
					return call(args...)
				})))
		}
		options = append(options, cel.Function(name, overloads...))
	}
	return options, nil
}

// caller calls an overload however many arguments it takes.
func caller(overload *functions.Overload, arguments int) functions.FunctionOp {
	switch {
	case arguments == 1 && overload.Unary != nil:
		return func(args ...ref.Val) ref.Val { return overload.Unary(args[0]) }
	case arguments == 2 && overload.Binary != nil:
		return func(args ...ref.Val) ref.Val { return overload.Binary(args[0], args[1]) }
	}
	return overload.Function
}

// replacedSize is the length of text.replace(old, new[, limit]). Arguments of other types are left to the function.
func replacedSize(args []ref.Val, _ int) int {
	text, isText := args[0].(types.String)
	before, isBefore := args[1].(types.String)
	after, isAfter := args[2].(types.String)
	if !isText || !isBefore || !isAfter {
		return 0
	}
	times := strings.Count(string(text), string(before)) // of an empty text: before and after every character
	if len(args) == 4 {
		if most, ok := args[3].(types.Int); ok && most >= 0 {
			times = min(times, int(most))
		}
	}
	return len(text) + times*(len(after)-len(before))
}

// joinedSize is at least the length of list.join([separator]).
func joinedSize(args []ref.Val, limit int) int {
	separator := 0
	if len(args) == 2 {
		if text, ok := args[1].(types.String); ok {
			separator = len(text)
		}
	}
	size := 0
	each(args[0], func(element ref.Val) bool {
		text, _ := element.(types.String)
		size += len(text) + separator
		return size <= limit
	})
	return size
}

// formattedSize is at least the length of text.format(list): each place takes a value of the list whole, in at most six
// bytes for each of its own, or as many digits as it says.
func formattedSize(args []ref.Val, limit int) int {
	text, ok := args[0].(types.String)
	if !ok {
		return 0
	}
	size := len(text)
	for _, place := range strings.Split(string(text), "%.")[1:] {
		digits := place[:len(place)-len(strings.TrimLeft(place, "0123456789"))]
		if n, err := strconv.Atoi(digits); err == nil {
			size += n
		} else if digits != "" {
			return limit + 1
		}
	}
	const escaped = 6
	return size + escaped*deepSize(args[1], (limit-size)/escaped)
}

// flatSize is at least the number of elements of list.flatten([depth]).
func flatSize(args []ref.Val, limit int) int {
	depth := 1
	if len(args) == 2 {
		if levels, ok := args[1].(types.Int); ok {
			depth = int(min(max(levels, 0), types.Int(limit)))
		}
	}
	return leaves(args[0], depth, limit)
}

func leaves(value ref.Val, depth, limit int) int {
	size := 0
	each(value, func(element ref.Val) bool {
		if _, isList := element.(traits.Lister); isList && depth > 0 {
			size += leaves(element, depth-1, limit-size)
		} else {
			size++
		}
		return size <= limit
	})
	return size
}

// deepSize is at least the number of bytes that a value is written in. It stops to count above the limit.
func deepSize(value ref.Val, limit int) int {
	// What is not a text, a list or a map is a number, a moment or a duration: none is longer.
	const scalar = 32
	switch value := value.(type) {
	case types.String:
		return len(value)
	case types.Bytes:
		return len(value)
	case traits.Mapper:
		size := 0
		each(value, func(key ref.Val) bool {
			size += deepSize(key, limit-size)
			if size <= limit {
				size += deepSize(value.Get(key), limit-size)
			}
			return size <= limit
		})
		return size
	case traits.Lister:
		size := 0
		each(value, func(element ref.Val) bool {
			size += deepSize(element, limit-size)
			return size <= limit
		})
		return size
	}
	return scalar
}

// each goes over a list, or over the keys of a map, until it is told to stop.
func each(value ref.Val, goOn func(ref.Val) bool) {
	iterable, ok := value.(traits.Iterable)
	if !ok {
		return
	}
	for it := iterable.Iterator(); it.HasNext() == types.True; {
		if !goOn(it.Next()) {
			return
		}
	}
}
