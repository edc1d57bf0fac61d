package check

import (
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

const containerOverload = "container_dyn_string"

// observedError is a run-time error whose text is already a sentence for the learner.
type observedError struct{ text string }

func (e *observedError) Error() string { return e.text }

// containerFunction declares container(x, name): the container of that name in a Pod, in anything with a pod template
// (a Deployment, a Job, a CronJob), or in a pod spec. It is an error when there is none.
func containerFunction() cel.EnvOption {
	return cel.Function("container",
		cel.Overload(containerOverload,
			[]*cel.Type{cel.DynType, cel.StringType}, cel.DynType,
			cel.BinaryBinding(findContainer)))
}

// containerCost charges a look at each container.
func containerCost() interpreter.CostTrackerOption {
	return interpreter.OverloadCostTracker(containerOverload, func(args []ref.Val, _ ref.Val) *uint64 {
		cost := uint64(1)
		if list, ok := containersOf(args[0]); ok {
			cost += uint64(list.Size().(types.Int))
		}
		return &cost
	})
}

func findContainer(object, name ref.Val) ref.Val {
	list, ok := containersOf(object)
	if !ok {
		return types.WrapErr(&observedError{text: "it has no containers"})
	}
	size := list.Size().(types.Int)
	for i := types.Int(0); i < size; i++ {
		container, ok := list.Get(i).(traits.Mapper)
		if !ok {
			continue
		}
		if found, ok := container.Find(types.String("name")); ok && found.Equal(name) == types.True {
			return container
		}
	}
	return types.WrapErr(&observedError{text: fmt.Sprintf("there is no container named %v", name.Value())})
}

// containersOf goes down from a workload through its pod template to the list of containers.
func containersOf(object ref.Val) (traits.Lister, bool) {
	// A CronJob is the deepest: spec.jobTemplate.spec.template.spec.
	const deepest = 6
	for range deepest {
		mapper, ok := object.(traits.Mapper)
		if !ok {
			return nil, false
		}
		if containers, ok := mapper.Find(types.String("containers")); ok {
			list, ok := containers.(traits.Lister)
			return list, ok
		}
		object = nil
		for _, key := range []string{"template", "jobTemplate", "spec"} {
			if below, ok := mapper.Find(types.String(key)); ok {
				object = below
				break
			}
		}
	}
	return nil, false
}

// asObservedError finds the sentence for the learner in an error, if it has one.
func asObservedError(err error) (string, bool) {
	var observed *observedError
	if errors.As(err, &observed) {
		return observed.text, true
	}
	return "", false
}
