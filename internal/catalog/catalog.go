// Package catalog resolves what a Lab asks for, pins it, and finds what an author has to correct. It does no I/O.
package catalog

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
)

// Bundle is what a Lab is pinned to when it starts.
type Bundle struct {
	// ExerciseName is the name of the Exercise.
	ExerciseName string `json:"exerciseName"`
	// Exercise is its spec.
	Exercise v1alpha1.ExerciseSpec `json:"exercise"`
	// Topic is the name of the Topic.
	Topic string `json:"topic"`
	// Questions are those of the topic that go with the exercise.
	Questions []v1alpha1.Question `json:"questions,omitempty"`
	// Answers are those to the questions.
	Answers []v1alpha1.Answer `json:"answers,omitempty"`
}

// NewBundle takes from an exercise, a topic and its key what a Lab needs. The key may be nil.
func NewBundle(ex *v1alpha1.Exercise, topic *v1alpha1.Topic, key *v1alpha1.AnswerKey) Bundle {
	return Bundle{}
}

// Hash identifies the content of a bundle.
func (b Bundle) Hash() string { return "" }

// Encode is the bundle as JSON.
func (b Bundle) Encode() ([]byte, error) { return nil, nil }

// Decode is the inverse of Encode.
func Decode(data []byte) (Bundle, error) { return Bundle{}, nil }

// Refusal says why a Lab cannot start.
type Refusal struct {
	// Reason is one of the reasons of conditions in the API.
	Reason string
	// Message says what there is and what to do.
	Message string
}

// Resolve pins what a Lab asks for. What is nil was not found.
func Resolve(spec v1alpha1.LabSpec, topic *v1alpha1.Topic, exercise *v1alpha1.Exercise, key *v1alpha1.AnswerKey) (Bundle, *Refusal) {
	return Bundle{}, nil
}

// ExerciseName is the exercise that a Lab works on: the one it names, or the topic's first.
func ExerciseName(spec v1alpha1.LabSpec, topic *v1alpha1.Topic) string { return spec.Exercise }

// Scoper tells the scope of kinds. An error that meta.IsNoMatchError recognises means an unknown kind.
type Scoper interface {
	// IsNamespaced tells whether objects of the kind live in a namespace.
	IsNamespaced(gk schema.GroupKind, version string) (bool, error)
}

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

// Compile compiles a bundle. With any problem the Compiled is nil.
func Compile(b Bundle) (*Compiled, []check.Problem) { return nil, nil }

// SetupProblems finds what is not allowed in the setup of an exercise. An error means that the scope of a kind could
// not be looked up: nobody's mistake, to be tried again.
func SetupProblems(spec *v1alpha1.ExerciseSpec, scope Scoper) ([]check.Problem, error) { return nil, nil }

// Refuse turns problems into one bounded message. It is nil when there are none.
func Refuse(problems []check.Problem) *Refusal { return nil }

// TopicProblems finds what is wrong between a topic, its key and its exercises, which are given by name.
func TopicProblems(topic *v1alpha1.Topic, key *v1alpha1.AnswerKey, exercises map[string]*v1alpha1.Exercise) []check.Problem {
	return nil
}

// Programs keeps compiled bundles. It is safe for concurrent use.
type Programs struct{}

// NewPrograms makes an empty cache.
func NewPrograms() *Programs { return &Programs{} }

// Cached returns the compiled bundle of a hash if it was compiled before and had no problems.
func (p *Programs) Cached(hash string) (*Compiled, bool) { return nil, false }

// Get returns the compiled bundle, compiling it if no one has yet.
func (p *Programs) Get(b Bundle) (*Compiled, []check.Problem) { return Compile(b) }
