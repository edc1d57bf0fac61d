package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/policy"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// Linter checks documents.
type Linter struct {
	// Adapters tell what checks can see of services.
	Adapters []probe.Adapter
}

// Lint checks documents together: topics with the exercises that they list and with their keys. An error is a bug of the
// linter.
func (l Linter) Lint(documents []*Document) (Report, error) {
	in, err := newInput()
	if err != nil {
		return Report{}, err
	}
	for _, d := range documents {
		in.read(d)
	}
	in.checkCompiles()
	in.checkQuestions()
	for _, exercise := range in.exerciseLinters() {
		exercise.adapters = l.Adapters
		exercise.lint()
	}
	findings, suppressed := suppress(documents, inOrder(in.findings))
	return Report{
		Findings: inOrder(findings), Notes: inOrder(in.notes), Suppressed: suppressed,
		Exercises: len(in.exercises), Topics: len(in.topics), Questions: in.countQuestions(), Bank: in.countBank(),
	}, nil
}

// input is what is linted together, and what was found so far.
type input struct {
	definitions map[string]*definition
	rights      rights
	security    policy.Evaluator
	exercises   []*object[v1beta1.Exercise]
	topics      []*object[v1beta1.Topic]
	keys        []*object[v1beta1.AnswerKey]
	// undecoded are the names of exercises that could not be decoded.
	undecoded []string
	// refusedFields are the fields that the schema of a kind refuses.
	refusedFields map[*Document][]string
	findings      []Finding
	notes         []Finding
}

func newInput() (*input, error) {
	all, err := loadDefinitions()
	if err != nil {
		return nil, fmt.Errorf("the definitions of the API: %w", err)
	}
	rights, err := loadRights()
	if err != nil {
		return nil, fmt.Errorf("the rights of the operator: %w", err)
	}
	security, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, fmt.Errorf("the checks of pod security: %w", err)
	}
	return &input{definitions: all, rights: rights, security: security, refusedFields: map[*Document][]string{}}, nil
}

// object is an object of the catalog, with its document.
type object[T any] struct {
	*Document
	name   string
	object *T
}

// report adds a finding. The rule is empty for what the API server or the operator would refuse.
func (in *input) report(d *Document, rule, field, format string, args ...any) {
	in.findings = append(in.findings, d.finding(rule, field, format, args...))
}

// read judges a document by the schema of its kind, and decodes it.
func (in *input) read(d *Document) {
	kind := d.text("kind")
	if strings.HasPrefix(d.text("apiVersion"), "kustomize.config.k8s.io/") {
		return
	}
	for _, key := range d.repeated {
		in.findings = append(in.findings, Finding{File: d.File, Line: key.Line, Message: "the key " + key.Value + " stands twice in one map: only one of them would count"})
	}
	switch version := v1beta1.GroupVersion.String(); {
	case !slices.Contains(catalogKinds(), kind):
		in.report(d, "", "kind", "%s is no kind of the catalog%s", kind, suggestion(kind, catalogKinds()))
		return
	case d.text("apiVersion") != version:
		in.report(d, "", "apiVersion", "the apiVersion of a %s is %s", kind, version)
		return
	}
	content := runtime.DeepCopyJSON(d.Object)
	for _, problem := range in.definitions[kind].refusals(content) {
		in.report(d, "", problem.Field, "%s", problem.Message)
		in.refusedFields[d] = append(in.refusedFields[d], problem.Field)
	}
	switch kind {
	case "Exercise":
		if in.exercises = decode(in, d, content, in.exercises); !slices.ContainsFunc(in.exercises, isOf[v1beta1.Exercise](d)) {
			in.undecoded = append(in.undecoded, d.text("metadata", "name"))
		}
	case "Topic":
		in.topics = decode(in, d, content, in.topics)
	case "AnswerKey":
		in.keys = decode(in, d, content, in.keys)
	}
}

// decode adds the object of a document, with defaults, to those of its kind, unless it cannot be decoded or its name is
// taken.
func decode[T any](in *input, d *Document, content map[string]any, to []*object[T]) []*object[T] {
	name := d.text("metadata", "name")
	for _, other := range to {
		if other.name == name {
			in.report(d, "", "metadata.name", "another %s is named %s, in %s: each needs a name of its own", d.text("kind"), name, other.File)
			return to
		}
	}
	decoded := new(T)
	data, err := json.Marshal(content)
	if err == nil {
		err = json.Unmarshal(data, decoded)
	}
	if err != nil {
		in.report(d, "", "", "cannot be read: %v", err)
		return to
	}
	return append(to, &object[T]{Document: d, name: name, object: decoded})
}

func isOf[T any](d *Document) func(*object[T]) bool {
	return func(s *object[T]) bool { return s.Document == d }
}

// byName finds an object by its name.
func byName[T any](all []*object[T], name string) *object[T] {
	for _, s := range all {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (in *input) countQuestions() int {
	count := 0
	for _, topic := range in.topics {
		count += len(topic.object.Spec.Questions)
	}
	return count
}

// reportProblem puts a problem that the operator finds where it is. Of a field that the schema refuses, enough has been said.
func (in *input) reportProblem(d *Document, p check.Problem) {
	if !slices.Contains(in.refusedFields[d], p.Field) {
		in.report(d, "", p.Field, "%s", p.Message)
	}
}
