package catalog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/config/crd"
)

// TestEveryDefaultIsLeftOut holds the list of defaults against those that the API server fills in.
func TestEveryDefaultIsLeftOut(t *testing.T) {
	served := map[string]string{}
	for kind, places := range map[string]map[string]string{
		"exercises":  {"spec": "exercise"},
		"topics":     {"spec.questions": "questions"},
		"answerkeys": {"spec.answers": "answers"},
	} {
		for path, value := range servedDefaults(t, kind) {
			for from, to := range places {
				if rest, ok := strings.CutPrefix(path, from); ok && (rest[0] == '.' || rest[0] == '[') {
					served[to+rest] = value
				}
			}
		}
	}
	if len(served) == 0 {
		t.Fatal("no custom resource definition has a default")
	}
	listed := map[string]string{}
	for _, d := range defaults() {
		value, err := json.Marshal(d.value)
		if err != nil {
			t.Fatal(err)
		}
		listed[d.path] = string(value)
	}
	if diff := cmp.Diff(served, listed); diff != "" {
		t.Errorf("defaults of the API (-) and of the hash (+) differ:\n%s", diff)
	}
	for _, path := range slices.Sorted(maps.Keys(served)) {
		with, without := nested(t, path, served[path]), nested(t, path, "")
		leaveOutDefaults(with)
		leaveOutDefaults(without)
		if diff := cmp.Diff(without, with); diff != "" {
			t.Errorf("%s is not left out:\n%s", path, diff)
		}
		fillInDefaults(without)
		var found any
		visit(without, path, func(object map[string]any, field string) { found = object[field] })
		if value, _ := json.Marshal(found); path != "exercise.quota" && string(value) != served[path] {
			t.Errorf("%s is filled in with %s, want %s", path, value, served[path])
		}
	}
}

// TestDefaultsOfInnerFieldsComeFirst holds the order that leaving out needs.
func TestDefaultsOfInnerFieldsComeFirst(t *testing.T) {
	all := defaults()
	for i, outer := range all {
		for _, inner := range all[i+1:] {
			if strings.HasPrefix(inner.path, outer.path+".") {
				t.Errorf("%s is listed before %s", outer.path, inner.path)
			}
		}
	}
}

// servedDefaults lists the defaults of a kind by their paths, in JSON.
func servedDefaults(t *testing.T, kind string) map[string]string {
	t.Helper()
	data, err := crd.Bases.ReadFile("bases/learning.lab-operator.dev_" + kind + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(data, definition); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, v := range definition.Spec.Versions {
		collectDefaults(v.Schema.OpenAPIV3Schema, "", found)
	}
	return found
}

func collectDefaults(schema *apiextensionsv1.JSONSchemaProps, path string, found map[string]string) {
	if schema.Default != nil {
		found[path] = string(schema.Default.Raw)
	}
	for name := range schema.Properties {
		inner := schema.Properties[name]
		collectDefaults(&inner, strings.TrimPrefix(path+"."+name, "."), found)
	}
	if schema.Items != nil {
		collectDefaults(schema.Items.Schema, path+"[]", found)
	}
	if schema.AdditionalProperties != nil {
		collectDefaults(schema.AdditionalProperties.Schema, path+"{}", found)
	}
}

// nested is the content with one field of a value, or without it but with all that it is in.
func nested(t *testing.T, path, value string) map[string]any {
	t.Helper()
	first, rest, isInner := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(first, "[]")
	if !isInner {
		if value == "" {
			return map[string]any{}
		}
		content, err := generic([]byte(`{"value":` + value + `}`))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{name: content["value"]}
	}
	var inner any = nested(t, rest, value)
	if isList {
		inner = []any{inner}
	}
	return map[string]any{name: inner}
}
