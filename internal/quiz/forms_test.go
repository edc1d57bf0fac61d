package quiz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/config/crd"
)

// schemaOf is the spec that the API server takes for a kind, named by its plural.
func schemaOf(t *testing.T, kind string) apiextensionsv1.JSONSchemaProps {
	t.Helper()
	data, err := crd.Bases.ReadFile("bases/learning.lab-operator.dev_" + kind + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(data, &definition); err != nil {
		t.Fatal(err)
	}
	return definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

func TestTheAPIKnowsTheForms(t *testing.T) {
	question := schemaOf(t, "topics").Properties["questions"].Items.Schema
	answer := schemaOf(t, "answerkeys").Properties["answers"].Items.Schema
	var types, withOptions, members []string
	for _, form := range Forms() {
		types = append(types, fmt.Sprintf("%q", form.Type))
		if form.HasOptions {
			withOptions = append(withOptions, fmt.Sprintf("'%s'", form.Type))
		}
		if _, known := answer.Properties[form.Member]; !known {
			t.Errorf("an answer has no member %s for the type %s", form.Member, form.Type)
		}
		members = append(members, "has(self."+form.Member+")")
	}
	var enum []string
	for _, value := range question.Properties["type"].Enum {
		enum = append(enum, string(value.Raw))
	}
	if diff := cmp.Diff(enum, types); diff != "" {
		t.Errorf("types (-API +forms):\n%s", diff)
	}
	for name, tc := range map[string]struct {
		rules apiextensionsv1.ValidationRules
		want  string
	}{
		"options go with their types":   {question.XValidations, "(self.type in [" + strings.Join(withOptions, ", ") + "]) == has(self.options)"},
		"an answer has one member":      {answer.XValidations, "[" + strings.Join(append(members, "has(self.live)"), ", ") + "]"},
		"a unit goes with a measurable": {question.XValidations, "!has(self.unit) || self.type == '" + measuredTypes() + "'"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range tc.rules {
				if strings.Contains(rule.Rule, tc.want) {
					return
				}
			}
			t.Errorf("no rule of the API says %s", tc.want)
		})
	}
}

func TestAFormWithoutOptionsHasAWording(t *testing.T) {
	for _, form := range Forms() {
		if form.HasOptions == (form.wording != nil) {
			t.Errorf("%s: has options is %v, and has a wording is %v: it needs one of both", form.Type, form.HasOptions, form.wording != nil)
		}
	}
}
