package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// mustBeFound are some of the paths at which labels stand, so that a search that finds too little fails.
func mustBeFound() []string {
	return []string{
		"v1 Pod metadata.labels",
		"v1 Pod spec.volumes[].ephemeral.volumeClaimTemplate.metadata.labels",
		"v1 PodTemplate template.metadata.labels",
		"apps/v1 Deployment spec.template.metadata.labels",
		"apps/v1 StatefulSet spec.volumeClaimTemplates[].metadata.labels",
		"batch/v1 CronJob spec.jobTemplate.metadata.labels",
		"batch/v1 CronJob spec.jobTemplate.spec.template.spec.volumes[].ephemeral.volumeClaimTemplate.metadata.labels",
		"resource.k8s.io/v1 ResourceClaimTemplate spec.metadata.labels",
		"learning.lab-operator.dev/v1beta1 Lab metadata.labels",
	}
}

// rawPaths are those at which anything can stand, so that the schema says nothing of labels below. Of each it is known
// what becomes of it.
func rawPaths() []string {
	return []string{
		// The policy looks into it, for the templates of a StatefulSet and a DaemonSet.
		"apps/v1 ControllerRevision data",
		// Configurations of drivers of devices: nothing is made from them.
		"resource.k8s.io/v1 ResourceClaim spec.devices.config[].opaque.parameters",
		"resource.k8s.io/v1 ResourceClaim status.allocation.devices.config[].opaque.parameters",
		"resource.k8s.io/v1 ResourceClaim status.devices[].data",
		"resource.k8s.io/v1 ResourceClaimTemplate spec.spec.devices.config[].opaque.parameters",
	}
}

// tryTemplates writes the label that protects at every path of every kind at which the schema of the API server has
// labels. Each has to be refused to somebody who has every right in the lab, and admitted with another value.
func (c *cluster) tryTemplates(t *testing.T) {
	paths, raw := c.labelPaths(t)
	if diff := cmp.Diff(rawPaths(), raw); diff != "" {
		t.Errorf("anything can stand at these paths (-known +found): look into what is new in the policy, or say what becomes of it\n%s", diff)
	}
	fmt.Printf("policy: labels stand at %d paths of what can be created in a namespace\n", len(paths))
	for _, want := range mustBeFound() {
		if !slices.ContainsFunc(paths, func(p labelPath) bool { return p.String() == want }) {
			t.Errorf("the schema has no %s any more, or it is not found", want)
		}
	}
	as := client.NewDryRunClient(c.clients[editor])
	for _, path := range paths {
		t.Run(path.String(), func(t *testing.T) {
			example, ok := examples()[path.kind]
			if !ok {
				t.Fatalf("the API server has the kind %s: add an example of it, and a path to the policy if its labels get onto pods or claims", path.kind)
			}
			for value, refused := range map[string]bool{"true": true, "no": false} {
				object := parse(example)
				object.SetAPIVersion(path.apiVersion)
				object.SetKind(path.kind)
				object.SetName("new")
				path.set(t, object, value)
				err := as.Create(t.Context(), object)
				switch {
				case path.kind == operatorsOwn && (denied(err, "lab-operator-reviews", "") || denied(err, "lab-operator-guardrails", "")):
					// With or without the label, nobody but the operator writes it.
				case refused && !denied(err, "lab-operator-guardrails", "the label learning.lab-operator.dev/protected marks what belongs to the lab itself"):
					t.Errorf("a learner sets the label there, and gets %v, want it refused by lab-operator-guardrails", err)
				case !refused && err != nil && !passedPolicies(path.kind, err):
					t.Errorf("the same with the value %q is refused, so this shows nothing: %v", value, err)
				}
			}
		})
	}
}

// operatorsOwn is the one namespaced kind that nobody but the operator writes.
const operatorsOwn = "LabReview"

// passedPolicies tells whether an object was refused for another reason than a policy: the pod of a Binding is looked for
// once it is admitted, and the quota is asked last.
func passedPolicies(kind string, err error) bool {
	return kind == "Binding" && apierrors.IsNotFound(err) || strings.Contains(err.Error(), "exceeded quota: lab, ")
}

// labelPath is where labels can stand in the objects of a kind. A step of [] is an element of a list.
type labelPath struct {
	apiVersion, kind string
	steps            []string
	// types are the names of the schemas of what the steps lead to, empty where one has none.
	types []string
}

func (p labelPath) String() string {
	return p.apiVersion + " " + p.kind + " " + strings.ReplaceAll(strings.Join(p.steps, "."), ".[]", "[]")
}

// set puts the label into an object, and what is needed around it.
func (p labelPath) set(t *testing.T, object *unstructured.Unstructured, value string) {
	t.Helper()
	var at any = object.Object
	for i, step := range p.steps {
		isList := i+1 < len(p.steps) && p.steps[i+1] == "[]"
		if step == "[]" {
			continue
		}
		within, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("%s of the example is %T, want a map", strings.Join(p.steps[:i], "."), at)
		}
		next, found := within[step]
		switch {
		case isList && !found:
			next = []any{part(p.types[i+1])}
		case !found:
			next = part(p.types[i])
		}
		within[step] = next
		if list, ok := next.([]any); ok {
			next = list[0]
		}
		at = next
	}
	at.(map[string]any)[v1beta1.ProtectedLabel] = value
}

// labelPaths searches the schema of all that can be created in a namespace. Raw are the paths at which anything can stand.
func (c *cluster) labelPaths(t *testing.T) (found []labelPath, raw []string) {
	t.Helper()
	served, err := discovery.NewDiscoveryClientForConfig(c.config)
	c.must(t, err)
	versions, err := served.OpenAPIV3().Paths()
	c.must(t, err)
	ofKind := regexp.MustCompile(`^/apis?/.*v[^/]+/namespaces/\{namespace\}/[a-z]+$`)
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		data, err := versions[version].Schema("application/json")
		c.must(t, err)
		var document openAPI
		c.must(t, json.Unmarshal(data, &document))
		for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
			create := document.Paths[path].Post
			if create == nil || !ofKind.MatchString(path) || slices.Contains(notKept(), create.Kind.Kind) {
				continue
			}
			apiVersion := strings.TrimPrefix(create.Kind.Group+"/"+create.Kind.Version, "/")
			for _, content := range create.RequestBody.Content {
				search := &search{schemas: document.Components.Schemas, found: map[string]labelPath{}}
				search.walk(content.Schema, nil, nil)
				for _, key := range slices.Sorted(maps.Keys(search.found)) {
					path := search.found[key]
					path.apiVersion, path.kind = apiVersion, create.Kind.Kind
					if path.steps[len(path.steps)-1] == "labels" {
						found = append(found, path)
					} else {
						raw = append(raw, path.String())
					}
				}
				break
			}
		}
	}
	return found, raw
}

// notKept are the kinds whose objects are questions: they pass every admission policy, and nothing of them is stored.
func notKept() []string { return []string{"LocalSubjectAccessReview"} }

// openAPI is the part of the schema that is read.
type openAPI struct {
	Paths map[string]struct {
		Post *struct {
			Kind        struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
			RequestBody struct {
				Content map[string]struct{ Schema *openAPISchema }
			}
		}
	}
	Components struct{ Schemas map[string]*openAPISchema }
}

type openAPISchema struct {
	Ref                  string `json:"$ref"`
	Type                 string
	AllOf                []*openAPISchema
	Properties           map[string]*openAPISchema
	Items                *openAPISchema
	AdditionalProperties json.RawMessage
}

// deepest bounds the search. Schemas that contain themselves are followed once.
const deepest = 32

// search looks for labels below a schema.
type search struct {
	schemas map[string]*openAPISchema
	// found are the paths, by their steps.
	found map[string]labelPath
	// within are the names of the schemas that lead to where it is.
	within []string
}

func (s *search) walk(at *openAPISchema, steps, types []string) {
	if at == nil || len(steps) > deepest {
		return
	}
	for _, part := range at.AllOf {
		s.walk(part, steps, types)
	}
	if at.Ref != "" {
		name := at.Ref[strings.LastIndex(at.Ref, "/")+1:]
		if slices.Contains(s.within, name) {
			return
		}
		s.within = append(s.within, name)
		s.walk(s.schemas[name], steps, types)
		s.within = s.within[:len(s.within)-1]
		return
	}
	for name, property := range at.Properties {
		steps, types := append(slices.Clone(steps), name), append(slices.Clone(types), nameOf(property))
		if name == "labels" && holdsTexts(property) || nameOf(property) == "RawExtension" {
			s.found[strings.Join(steps, ".")] = labelPath{steps: steps, types: types}
		}
		s.walk(property, steps, types)
	}
	if at.Items != nil {
		s.walk(at.Items, append(slices.Clone(steps), "[]"), append(slices.Clone(types), nameOf(at.Items)))
	}
	if values := at.values(); values != nil {
		s.walk(values, append(slices.Clone(steps), "{}"), append(slices.Clone(types), nameOf(values)))
	}
}

// values is the schema of the values of a map.
func (s *openAPISchema) values() *openAPISchema {
	var values openAPISchema
	if len(s.AdditionalProperties) == 0 || json.Unmarshal(s.AdditionalProperties, &values) != nil {
		return nil
	}
	return &values
}

func holdsTexts(property *openAPISchema) bool {
	values := property.values()
	return values != nil && values.Type == "string"
}

// nameOf is the last part of the name of a schema, as in PodTemplateSpec.
func nameOf(s *openAPISchema) string {
	ref := s.Ref
	for _, part := range s.AllOf {
		if part.Ref != "" {
			ref = part.Ref
		}
	}
	return ref[strings.LastIndex(ref, ".")+1:]
}
