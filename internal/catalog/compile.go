package catalog

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Compiled is a bundle that can be run. It is shared and must not be changed.
type Compiled struct {
	// Bundle that was compiled.
	Bundle Bundle
	// Hash of the bundle.
	Hash string
	// Checks are the tasks of the exercise.
	Checks *check.Exercise
	// Live are the expressions of live questions, by the id of the question.
	Live map[string]*check.Live
	// Setup are the objects that a learner starts with, without a namespace. Copy before changing.
	Setup []*unstructured.Unstructured
	// Kinds are those that the evidence looks at, sorted, each once.
	Kinds []schema.GroupVersionKind
}

// Compile compiles a bundle and finds all problems that can be found without a cluster. With any the Compiled is nil.
func Compile(b Bundle) (*Compiled, []check.Problem) {
	c := &Compiled{Bundle: b, Hash: b.Hash(), Live: map[string]*check.Live{}}
	var problems []check.Problem
	c.Checks, problems = check.Compile(&b.Exercise)

	kinds, found := evidenceKinds(&b.Exercise)
	c.Kinds = kinds
	problems = append(problems, found...)

	items, found := parseSetup(&b.Exercise)
	problems = append(problems, found...)
	for _, item := range items {
		c.Setup = append(c.Setup, item.object)
		problems = append(problems, item.shapeProblems()...)
	}
	problems = append(problems, duplicates(items)...)

	for _, q := range b.Questions {
		answer, ok := b.Answer(q.ID)
		if !ok {
			problems = append(problems, missingAnswer(q.ID))
			continue
		}
		live, found := pairProblems(q, answer, &b.Exercise)
		problems = append(problems, found...)
		if live != nil {
			c.Live[q.ID] = live
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return c, nil
}

func evidenceKinds(spec *v1alpha1.ExerciseSpec) (kinds []schema.GroupVersionKind, problems []check.Problem) {
	for i, e := range spec.Evidence {
		var field, apiVersion, kind string
		switch {
		case e.Object != nil:
			field, apiVersion, kind = "object", e.Object.APIVersion, e.Object.Kind
		case e.List != nil:
			field, apiVersion, kind = "list", e.List.APIVersion, e.List.Kind
		default:
			continue
		}
		gv, err := schema.ParseGroupVersion(apiVersion)
		if err != nil || gv.Version == "" || kind == "" {
			problems = append(problems, check.Problem{
				Field:   fmt.Sprintf("spec.evidence[%d].%s", i, field),
				Message: fmt.Sprintf("apiVersion %q and kind %q name no kind: write them as in autoscaling/v2 and HorizontalPodAutoscaler", apiVersion, kind),
			})
			continue
		}
		if gvk := gv.WithKind(kind); !slices.Contains(kinds, gvk) {
			kinds = append(kinds, gvk)
		}
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int { return cmp.Compare(a.String(), b.String()) })
	return kinds, problems
}
