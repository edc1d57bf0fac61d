package catalog

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence"
)

// Compiled is a revision that can be run. It is shared by all labs on it and must not be changed.
type Compiled struct {
	// Name of the revision.
	Name string
	// Bundle that was compiled.
	Bundle Bundle
	// Language that its expressions are written in.
	Language check.Language
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

	listed  sync.Once
	sources []evidence.Source
	invalid error
}

// Pin is what was compiled.
func (c *Compiled) Pin() Pin { return Pin{Language: c.Language, Bundle: c.Bundle} }

// Sources are what labs on this revision are watched for, as the first caller lists them.
func (c *Compiled) Sources(list func(*Compiled) ([]evidence.Source, error)) ([]evidence.Source, error) {
	c.listed.Do(func() { c.sources, c.invalid = list(c) })
	return c.sources, c.invalid
}

// Compile compiles a pin and finds all problems that can be found without a cluster. With any the Compiled is nil.
func Compile(pin Pin) (*Compiled, []check.Problem) {
	b := pin.Bundle
	c := &Compiled{Name: b.Name(), Bundle: b, Language: pin.Language, Hash: b.Hash(), Live: map[string]*check.Live{}}
	var problems []check.Problem
	c.Checks, problems = pin.Language.Compile(&b.Exercise)

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
		live, found := pairProblems(pin.Language, q, answer, &b.Exercise)
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
func evidenceKinds(spec *v1beta1.ExerciseSpec) []schema.GroupVersionKind {
	var kinds []schema.GroupVersionKind
	for _, e := range spec.Evidence {
		if kind := e.GroupVersionKind(); !kind.Empty() && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int { return cmp.Compare(a.String(), b.String()) })
	return kinds
}
