// Package labs tests what stands in this folder and in content/ as far as that needs no cluster: that the API server
// would take it, that everything compiles, and that verdicts are right, on scenes of a cluster and on recorded runs.
package labs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/quiz"
)

// everything is the whole catalog, by name.
type everything struct {
	objects   []*unstructured.Unstructured
	exercises map[string]*v1beta1.Exercise
	topics    map[string]*v1beta1.Topic
	keys      map[string]*v1beta1.AnswerKey
}

func load(t *testing.T) everything {
	t.Helper()
	all := everything{exercises: map[string]*v1beta1.Exercise{}, topics: map[string]*v1beta1.Topic{}, keys: map[string]*v1beta1.AnswerKey{}}
	for _, file := range append(matches(t, "*/exercise.yaml"), matches(t, "../content/*.yaml")...) {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all.add(t, file, document)
		}
	}
	if len(all.exercises) == 0 || len(all.topics) == 0 {
		t.Fatalf("found %d exercises and %d topics", len(all.exercises), len(all.topics))
	}
	return all
}

func (e *everything) add(t *testing.T, file string, document []byte) {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := utilyaml.Unmarshal(document, &object.Object); err != nil { // whole numbers are int64, as the API server has them
		t.Fatalf("%s: %v", file, err)
	}
	e.objects = append(e.objects, object)
	var into any
	switch name := object.GetName(); object.GetKind() {
	case "Exercise":
		if folder := filepath.Base(filepath.Dir(file)); folder != name {
			t.Errorf("%s: the exercise is named %s, its folder %s", file, name, folder)
		}
		e.exercises[name] = &v1beta1.Exercise{}
		into = e.exercises[name]
	case "Topic":
		e.topics[name] = &v1beta1.Topic{}
		into = e.topics[name]
	case "AnswerKey":
		if object.GetNamespace() != "lab-operator-system" {
			t.Errorf("%s: the key is in the namespace %q, where learners might read it", file, object.GetNamespace())
		}
		e.keys[name] = &v1beta1.AnswerKey{}
		into = e.keys[name]
	default:
		t.Fatalf("%s: a %s is no part of the catalog", file, object.GetKind())
	}
	if err := yaml.UnmarshalStrict(document, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestTheAPIServerTakesTheCatalog(t *testing.T) {
	crds := map[string]*apiextensions.CustomResourceDefinition{}
	for _, file := range matches(t, "../config/crd/bases/*.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v1 apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(data, &v1); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		crd := &apiextensions.CustomResourceDefinition{}
		if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&v1, crd, nil); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		crds[crd.Spec.Names.Kind] = crd
	}
	for _, object := range load(t).objects {
		t.Run(object.GetKind()+" "+object.GetName(), func(t *testing.T) {
			crd := crds[object.GetKind()]
			if crd == nil {
				t.Fatal("there is no such kind")
			}
			for _, problem := range refusals(t, crd, object) {
				t.Error(problem)
			}
		})
	}
}

// refusals are what the API server would say on creation.
func refusals(t *testing.T, crd *apiextensions.CustomResourceDefinition, object *unstructured.Unstructured) []string {
	t.Helper()
	// A conversion hoists the schema where all versions share it.
	properties := crd.Spec.Validation
	if properties == nil {
		properties = crd.Spec.Versions[0].Schema
	}
	structural, err := structuralschema.NewStructural(properties.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(properties.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	content := object.DeepCopy().Object
	defaulting.Default(content, structural)
	var problems []string
	for _, err := range validation.ValidateCustomResource(nil, content, validator) {
		problems = append(problems, err.Error())
	}
	rules, _ := schemacel.NewValidator(structural, true, celconfig.PerCallLimit).
		Validate(context.Background(), nil, structural, content, nil, celconfig.RuntimeCELCostBudget)
	for _, err := range rules {
		problems = append(problems, err.Error())
	}
	return problems
}

// namespaced takes every kind for one of a namespace: which are is asked of a cluster.
type namespaced struct{}

func (namespaced) IsNamespaced(schema.GroupKind, string) (bool, error) { return true, nil }

func TestNothingNeedsCorrection(t *testing.T) {
	all := load(t)
	var problems []check.Problem
	for _, exercise := range all.exercises {
		_, found := check.Compile(&exercise.Spec)
		problems = append(problems, found...)
		setup, err := catalog.SetupProblems(&exercise.Spec, namespaced{})
		if err != nil {
			t.Fatal(err)
		}
		problems = append(problems, setup...)
	}
	for name, topic := range all.topics {
		problems = append(problems, catalog.TopicProblems(topic, all.keys[name], all.exercises)...)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
	for name := range all.keys {
		if all.topics[name] == nil {
			t.Errorf("the key %s is for no topic", name)
		}
	}
}

func TestExercisesCanBeWorkedOn(t *testing.T) {
	for name, exercise := range load(t).exercises {
		t.Run(name, func(t *testing.T) {
			for _, required := range []string{"solution.sh", "mutants"} {
				if _, err := os.Stat(filepath.Join(name, required)); err != nil {
					t.Error(err)
				}
			}
			if exercise.Spec.Incident == "" {
				t.Error("it does not say which incident it prepares for")
			}
			for _, task := range exercise.Spec.Tasks {
				if len(task.Hints) == 0 {
					t.Errorf("task %s has no hint", task.Name)
				}
				for i, c := range task.Checks {
					if c.Observed == "" {
						t.Errorf("task %s: check %d does not say what was observed", task.Name, i)
					}
				}
			}
			for _, raw := range exercise.Spec.Setup {
				for _, image := range images(t, raw) {
					if tag := image[strings.LastIndex(image, "/")+1:]; !strings.Contains(tag, ":") || strings.HasSuffix(tag, ":latest") {
						t.Errorf("the image %s has no fixed tag", image)
					}
				}
			}
		})
	}
}

// images lists what stands under image anywhere in an object.
func images(t *testing.T, raw runtime.RawExtension) []string {
	t.Helper()
	var object any
	if err := yaml.Unmarshal(raw.Raw, &object); err != nil {
		t.Fatal(err)
	}
	var found []string
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, below := range v {
				if image, ok := below.(string); ok && key == "image" {
					found = append(found, image)
				}
				walk(below)
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		}
	}
	walk(object)
	return found
}

func TestQuestionsTeach(t *testing.T) {
	all := load(t)
	for name, topic := range all.topics {
		answers := map[string]v1beta1.Answer{}
		for _, answer := range all.keys[name].Spec.Answers {
			answers[answer.ID] = answer
		}
		for _, question := range topic.Spec.Questions {
			t.Run(question.ID, func(t *testing.T) {
				answer := answers[question.ID]
				if n := len(strings.Fields(answer.ModelAnswer)); n < 80 || n > 250 {
					t.Errorf("the model answer has %d words: 80 to 250 are worth saying aloud", n)
				}
				if len(question.References) < 2 {
					t.Errorf("%d references: two at least", len(question.References))
				}
				if len(question.Options) > 0 {
					optionsAreFair(t, question, answer)
				}
				if question.Type != v1beta1.QuestionTypeChoice && answer.Feedback == "" {
					t.Error("a wrong answer gets no feedback")
				}
			})
		}
	}
}

// optionsAreFair looks at what a learner could guess by, and at what is learnt from a wrong guess.
func optionsAreFair(t *testing.T, question v1beta1.Question, answer v1beta1.Answer) {
	t.Helper()
	feedback := map[string]string{}
	for _, f := range answer.OptionFeedback {
		feedback[f.Option] = f.Text
	}
	rights := quiz.RightOptions(answer)
	total, right := 0, 0
	for _, option := range question.Options {
		length := utf8.RuneCountInString(option.Text)
		total += length
		switch {
		case slices.Contains(rights, option.Name):
			right += length
		case feedback[option.Name] == "":
			t.Errorf("the wrong option %s has no feedback", option.Name)
		}
	}
	if len(rights) == 0 {
		return // in a lab, each of them may be right
	}
	mean, meanRight := float64(total)/float64(len(question.Options)), float64(right)/float64(len(rights))
	if off := meanRight/mean - 1; off > 0.15 || off < -0.15 {
		t.Errorf("the right options have %.0f characters, the mean is %.0f: their length gives them away", meanRight, mean)
	}
}

func matches(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return files
}
