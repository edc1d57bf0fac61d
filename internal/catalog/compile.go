package catalog

import (
	"cmp"
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

	c.Kinds = evidenceKinds(&b.Exercise)

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

// evidenceKinds lists the kinds of evidence that is well-formed; the rest is a problem that check finds.
func evidenceKinds(spec *v1alpha1.ExerciseSpec) []schema.GroupVersionKind {
	var kinds []schema.GroupVersionKind
	for _, e := range spec.Evidence {
		var kind schema.GroupVersionKind
		switch {
		case e.Object != nil:
			kind = schema.FromAPIVersionAndKind(e.Object.APIVersion, e.Object.Kind)
		case e.List != nil:
			kind = schema.FromAPIVersionAndKind(e.List.APIVersion, e.List.Kind)
		}
		if !kind.Empty() && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int { return cmp.Compare(a.String(), b.String()) })
	return kinds
}
