package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/policy"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// Linter looks at documents.
type Linter struct {
	// Adapters tell what checks can see of services.
	Adapters []probe.Adapter
}

// Lint looks at documents together: topics with the exercises that they list and with their keys. An error is a fault of
// the linter.
func (l Linter) Lint(documents []*Document) (Report, error) {
	c, err := newCourse()
	if err != nil {
		return Report{}, err
	}
	for _, d := range documents {
		c.read(d)
	}
	c.askOperator()
	c.lookAtQuestions()
	for _, s := range c.subjects() {
		s.adapters = l.Adapters
		s.look()
	}
	findings, let := settle(documents, inOrder(c.findings))
	return Report{
		Findings: inOrder(findings), Notes: inOrder(c.notes), Allowed: let,
		Exercises: len(c.exercises), Topics: len(c.topics), Questions: c.questions(), Bank: c.bank(),
	}, nil
}

// course is what belongs together: exercises, topics and keys.
type course struct {
	definitions map[string]*definition
	rights      rights
	security    policy.Evaluator
	exercises   []*sheet[v1alpha1.Exercise]
	topics      []*sheet[v1alpha1.Topic]
	keys        []*sheet[v1alpha1.AnswerKey]
	// unread are the names of exercises that could not be decoded.
	unread []string
	// refused are the fields that the schema of a kind refuses.
	refused  map[*Document][]string
	findings []Finding
	notes    []Finding
}

func newCourse() (*course, error) {
	all, err := definitions()
	if err != nil {
		return nil, fmt.Errorf("the definitions of the API: %w", err)
	}
	rights, err := granted()
	if err != nil {
		return nil, fmt.Errorf("the rights of the operator: %w", err)
	}
	security, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, fmt.Errorf("the checks of pod security: %w", err)
	}
	return &course{definitions: all, rights: rights, security: security, refused: map[*Document][]string{}}, nil
}

// sheet is an object of the catalog and the document that it stands in.
type sheet[T any] struct {
	*Document
	name   string
	object *T
}

// find takes a finding. The rule is empty for what the API server or the operator would refuse.
func (c *course) find(d *Document, rule, field, format string, args ...any) {
	c.findings = append(c.findings, d.finding(rule, field, format, args...))
}

// read judges a document by the schema of its kind, and decodes it.
func (c *course) read(d *Document) {
	kind := d.text("kind")
	if strings.HasPrefix(d.text("apiVersion"), "kustomize.config.k8s.io/") {
		return
	}
	for _, key := range d.repeated {
		c.findings = append(c.findings, Finding{File: d.File, Line: key.Line, Message: "the key " + key.Value + " stands twice in one map: only one of them would count"})
	}
	switch version := v1alpha1.GroupVersion.String(); {
	case !slices.Contains(kinds(), kind):
		c.find(d, "", "kind", "%s is no kind of the catalog%s", kind, suggestion(kind, kinds()))
		return
	case d.text("apiVersion") != version:
		c.find(d, "", "apiVersion", "the apiVersion of a %s is %s", kind, version)
		return
	}
	content := runtime.DeepCopyJSON(d.Object)
	for _, problem := range c.definitions[kind].refusals(content) {
		c.find(d, "", problem.Field, "%s", problem.Message)
		c.refused[d] = append(c.refused[d], problem.Field)
	}
	switch kind {
	case "Exercise":
		if c.exercises = decode(c, d, content, c.exercises); !slices.ContainsFunc(c.exercises, isFrom[v1alpha1.Exercise](d)) {
			c.unread = append(c.unread, d.text("metadata", "name"))
		}
	case "Topic":
		c.topics = decode(c, d, content, c.topics)
	case "AnswerKey":
		c.keys = decode(c, d, content, c.keys)
	}
}

// decode adds the object of a document, with defaults, to those of its kind, unless it cannot be decoded or its name is
// taken.
func decode[T any](c *course, d *Document, content map[string]any, to []*sheet[T]) []*sheet[T] {
	name := d.text("metadata", "name")
	for _, other := range to {
		if other.name == name {
			c.find(d, "", "metadata.name", "another %s is named %s, in %s: each needs a name of its own", d.text("kind"), name, other.File)
			return to
		}
	}
	object := new(T)
	data, err := json.Marshal(content)
	if err == nil {
		err = json.Unmarshal(data, object)
	}
	if err != nil {
		c.find(d, "", "", "cannot be read: %v", err)
		return to
	}
	return append(to, &sheet[T]{Document: d, name: name, object: object})
}

func isFrom[T any](d *Document) func(*sheet[T]) bool {
	return func(s *sheet[T]) bool { return s.Document == d }
}

// named finds an object by its name.
func named[T any](all []*sheet[T], name string) *sheet[T] {
	for _, s := range all {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (c *course) questions() int {
	count := 0
	for _, topic := range c.topics {
		count += len(topic.object.Spec.Questions)
	}
	return count
}

// place puts a problem that the operator finds where it is. Of a field that the schema refuses, enough has been said.
func (c *course) place(d *Document, p check.Problem) {
	if !slices.Contains(c.refused[d], p.Field) {
		c.find(d, "", p.Field, "%s", p.Message)
	}
}
