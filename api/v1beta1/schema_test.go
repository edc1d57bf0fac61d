package v1beta1_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

var index = regexp.MustCompile(`\[[0-9]+\]`)

// definition reads the CustomResourceDefinition of a kind, given in lower case.
func definition(t *testing.T, kind string) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(crdFolder, "learning.lab-operator.dev_"+kind+"s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, crd); err != nil {
		t.Fatal(err)
	}
	return crd
}

func schemaOf(t *testing.T, kind string) *apiextensionsv1.JSONSchemaProps {
	t.Helper()
	return definition(t, kind).Spec.Versions[0].Schema.OpenAPIV3Schema
}

// walk visits a schema and all below it, without what Kubernetes itself defines: metadata and conditions.
func walk(path string, schema *apiextensionsv1.JSONSchemaProps, visit func(path string, schema *apiextensionsv1.JSONSchemaProps)) {
	visit(path, schema)
	if strings.HasSuffix(path, ".conditions") {
		return
	}
	for name := range schema.Properties {
		property := schema.Properties[name]
		at := name
		if path != "" {
			at = path + "." + name
		}
		if at == "metadata" || at == "apiVersion" || at == "kind" {
			continue
		}
		walk(at, &property, visit)
	}
	if schema.Items != nil {
		walk(path+"[]", schema.Items.Schema, visit)
	}
}

// constraints lists what a schema asks of a value, as keywords and as messages of rules.
func constraints(schema *apiextensionsv1.JSONSchemaProps) []string {
	given := map[string]bool{
		"maxLength":     schema.MaxLength != nil,
		"minLength":     schema.MinLength != nil,
		"pattern":       schema.Pattern != "",
		"enum":          len(schema.Enum) > 0,
		"minimum":       schema.Minimum != nil,
		"maximum":       schema.Maximum != nil,
		"maxItems":      schema.MaxItems != nil,
		"minItems":      schema.MinItems != nil,
		"maxProperties": schema.MaxProperties != nil,
		"minProperties": schema.MinProperties != nil,
		"unique":        schema.XListType != nil && *schema.XListType != "atomic",
	}
	var all []string
	for keyword, is := range given {
		if is {
			all = append(all, keyword)
		}
	}
	for _, rule := range schema.XValidations {
		all = append(all, rule.Message)
	}
	return all
}

// checkComplete fails for every bound of the schema without a test, and for every test without a bound.
func checkComplete(t *testing.T, kind string, bounds map[string]bound) {
	t.Helper()
	var want []string
	walk("", schemaOf(t, kind), func(path string, schema *apiextensionsv1.JSONSchemaProps) {
		for _, constraint := range constraints(schema) {
			// What depends on the old object is tested with updates.
			if !strings.Contains(constraint, "immutable") {
				want = append(want, path+": "+constraint)
			}
		}
		for _, name := range schema.Required {
			if path != "" && !strings.HasSuffix(path, ".conditions[]") {
				want = append(want, path+"."+name+": required")
			}
		}
	})
	var got []string
	for _, tc := range bounds {
		got = append(got, tested(tc))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("bounds of the schema (-) and tests of them (+) differ:\n%s", diff)
	}
}

// tested is the bound that a test is about, in the words of checkComplete.
func tested(tc bound) string {
	switch tc.at {
	case "":
		return index.ReplaceAllString(tc.path, "[]") + ": " + tc.breaks
	case theObject:
		return ": " + tc.breaks
	default:
		return tc.at + ": " + tc.breaks
	}
}

// Everything in the schema has a text that kubectl explain shows.
func TestEveryFieldIsDescribed(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			walk("", schemaOf(t, kind), func(path string, schema *apiextensionsv1.JSONSchemaProps) {
				switch {
				case schema.Description == "" && !strings.HasSuffix(path, "[]"):
					t.Errorf("%s has no description", path)
				case schema.Description != "" && !strings.HasSuffix(schema.Description, "."):
					t.Errorf("the description of %s ends without a full stop: %s", path, schema.Description)
				}
			})
		})
	}
}

// A value without a bound could make an object, or what is computed from it, as large as a learner likes.
func TestEveryValueIsBounded(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			walk("", schemaOf(t, kind), func(path string, schema *apiextensionsv1.JSONSchemaProps) {
				if what := unbounded(schema); what != "" {
					t.Errorf("%s is %s", path, what)
				}
			})
		})
	}
}

func unbounded(schema *apiextensionsv1.JSONSchemaProps) string {
	switch {
	case schema.Type == "string" && schema.MaxLength == nil && len(schema.Enum) == 0 && schema.Format != "date-time":
		return "a string without maxLength"
	case schema.Type == "array" && schema.MaxItems == nil:
		return "a list without maxItems"
	case schema.Type == "array" && schema.XListType == nil:
		return "a list without a list type"
	case schema.AdditionalProperties != nil && (schema.MaxProperties == nil || len(schema.XValidations) == 0):
		return "a map without a bound for the number or the length of its entries"
	case schema.XIntOrString && len(schema.XValidations) == 0:
		return "a quantity without a rule for its size"
	case schema.Type == "integer" && schema.Minimum == nil:
		return "a number without minimum"
	}
	return ""
}

// kinds lists the kinds of the API in lower case.
func kinds() []string {
	return []string{"answerkey", "exercise", "exerciserevision", "lab", "labresult", "labreview", "topic", "workshop"}
}
