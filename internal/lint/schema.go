package lint

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/config/crd"
	"github.com/lab-operator/lab-operator/internal/check"
)

// definition is a CustomResourceDefinition, ready to judge by.
type definition struct {
	namespaced bool
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	rules      *schemacel.Validator
}

// catalogKinds are those of the catalog.
func catalogKinds() []string { return []string{"AnswerKey", "Exercise", "Topic"} }

// loadDefinitions are the generated CustomResourceDefinitions of the catalog, by kind. They are compiled once.
var loadDefinitions = sync.OnceValues(func() (map[string]*definition, error) {
	files, err := fs.Glob(crd.Bases, "bases/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the CustomResourceDefinitions: %w", err)
	}
	all := map[string]*definition{}
	for _, file := range files {
		data, err := crd.Bases.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a CustomResourceDefinition: %w", err)
		}
		var external apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(data, &external); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		kind := external.Spec.Names.Kind
		if !slices.Contains(catalogKinds(), kind) {
			continue
		}
		if all[kind], err = newDefinition(&external); err != nil {
			return nil, fmt.Errorf("compile %s: %w", file, err)
		}
	}
	return all, nil
})

func newDefinition(external *apiextensionsv1.CustomResourceDefinition) (*definition, error) {
	var internal apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(external, &internal, nil); err != nil {
		return nil, err
	}
	// A conversion hoists the schema where all versions share it.
	served := internal.Spec.Validation
	if served == nil {
		served = internal.Spec.Versions[0].Schema
	}
	structural, err := structuralschema.NewStructural(served.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(served.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &definition{
		namespaced: internal.Spec.Scope == apiextensions.NamespaceScoped,
		structural: structural,
		validator:  validator,
		rules:      schemacel.NewValidator(structural, true, celconfig.PerCallLimit),
	}, nil
}

// refusals are what the API server would say on creation. As there, unknown fields are taken out of the content, and
// defaults are put in.
func (d *definition) refusals(content map[string]any) []check.Problem {
	var problems []check.Problem
	for _, unknown := range d.prune(content) {
		problems = append(problems, d.unknownField(unknown))
	}
	defaulting.Default(content, d.structural)

	errs := d.metadata(content)
	errs = append(errs, validation.ValidateCustomResource(nil, content, d.validator)...)
	errs = append(errs, objectmeta.Validate(context.Background(), nil, content, d.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.structural, content)...)
	if !slices.ContainsFunc(errs, preventsRules) {
		broken, _ := d.rules.Validate(context.Background(), nil, d.structural, content, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, broken...)
	}
	for _, err := range errs {
		problems = append(problems, check.Problem{Field: fieldOf(err), Message: messageOf(err)})
	}
	return problems
}

// prune takes out the fields that the schema does not have.
func (d *definition) prune(content map[string]any) (unknown []string) {
	// Metadata that cannot be decoded is found by the validation.
	_, unknown = objectmeta.CoerceWithOptions(nil, content, d.structural, true, objectmeta.CoerceOptions{
		DropInvalidFields: false, ReturnUnknownFieldPaths: true,
	})
	return append(unknown, pruning.PruneWithOptions(content, d.structural, true,
		structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
}

func (d *definition) unknownField(path string) check.Problem {
	steps := fieldSteps(path)
	at := d.structural
	for _, step := range steps[:len(steps)-1] {
		at = below(at, step)
	}
	var known []string
	if at != nil {
		for name := range at.Properties {
			known = append(known, name)
		}
	}
	if steps[0].text == "metadata" {
		known = ofType(reflect.TypeFor[metav1.ObjectMeta]()).names()
	}
	name := steps[len(steps)-1].text
	return check.Problem{Field: path, Message: fmt.Sprintf("there is no field %s%s", name, suggestion(name, known))}
}

// below is the schema of a part, nil where there is none.
func below(s *structuralschema.Structural, step fieldStep) *structuralschema.Structural {
	switch {
	case s == nil:
		return nil
	case step.bracket:
		return s.Items
	}
	property, ok := s.Properties[step.text]
	if !ok {
		return nil
	}
	return &property
}

// metadata is held to the rules for all objects.
func (d *definition) metadata(content map[string]any) field.ErrorList {
	object := &unstructured.Unstructured{Object: content}
	if _, ok := content["metadata"].(map[string]any); !ok {
		return field.ErrorList{field.Required(field.NewPath("metadata"), "")}
	}
	// Tools fill the namespace in.
	object = object.DeepCopy()
	if d.namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default")
	}
	return metavalidation.ValidateObjectMetaAccessor(object, d.namespaced, metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
}

// preventsRules tells of errors after which the API server does not try the rules of the schema.
func preventsRules(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	default:
		return false
	}
}

func fieldOf(err *field.Error) string {
	if err.Field == "<nil>" {
		return ""
	}
	return err.Field
}

// messageOf leaves out values that are whole objects: the line says which.
func messageOf(err *field.Error) string {
	switch err.BadValue.(type) {
	case map[string]any, []any, *unstructured.Unstructured:
		if err.Detail != "" {
			return err.Detail
		}
		return err.Type.String()
	}
	// Of the rules of the schema only the message is left.
	if err.ErrorBody() == "Invalid value: "+err.Detail {
		return err.Detail
	}
	return err.ErrorBody()
}
