package policy

import (
	"testing"

	celgo "github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// compiled is an admission policy, evaluated without an API server.
type compiled struct {
	validations []admissionregistrationv1.Validation
	evaluator   cel.ConditionEvaluator
	compiler    *cel.CompositedCompiler
}

// expression is a variable or a validation of a policy.
type expression struct {
	name, text string
	returns    *celgo.Type
}

// GetName is the name of a variable.
func (e expression) GetName() string { return e.name }

// GetExpression is the expression itself.
func (e expression) GetExpression() string { return e.text }

// ReturnTypes are what the expression may be.
func (e expression) ReturnTypes() []*celgo.Type { return []*celgo.Type{e.returns, celgo.DynType} }

// compilePolicy compiles the validations of a policy as the API server does.
func compilePolicy(t *testing.T, name string) *compiled {
	t.Helper()
	policy := ofKind[admissionregistrationv1.ValidatingAdmissionPolicy](t, manifests(t, configDir+"/policy"), "ValidatingAdmissionPolicy")[name]
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		t.Fatal(err)
	}
	options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	var variables []cel.NamedExpressionAccessor
	for i := range policy.Spec.Variables {
		variables = append(variables, expression{policy.Spec.Variables[i].Name, policy.Spec.Variables[i].Expression, celgo.AnyType})
	}
	compiler.CompileAndStoreVariables(variables, options, environment.StoredExpressions)
	var validations []cel.ExpressionAccessor
	for _, validation := range policy.Spec.Validations {
		validations = append(validations, expression{"", validation.Expression, celgo.BoolType})
	}
	return &compiled{
		validations: policy.Spec.Validations,
		evaluator:   compiler.CompileCondition(validations, options, environment.StoredExpressions),
		compiler:    compiler,
	}
}

// refusals are the messages of the validations that an object does not meet when it is created, and what it cost.
func (c *compiled) refusals(t *testing.T, resource schema.GroupVersionResource, object map[string]any) (messages []string, cost int64) {
	t.Helper()
	content := &unstructured.Unstructured{Object: object}
	kind := content.GroupVersionKind()
	attributes := admission.NewAttributesRecord(content, nil, kind, "lab-hpa", "new", resource, "", admission.Create, nil, false, nil)
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind, VersionedObject: admission.NewLazyObject(content)}
	request := cel.CreateAdmissionRequest(attributes, metav1.GroupVersionResource(resource), metav1.GroupVersionKind(kind))
	return c.evaluate(t, versioned, request)
}

func (c *compiled) evaluate(t *testing.T, versioned *admission.VersionedAttributes, request *admissionv1.AdmissionRequest) (messages []string, cost int64) {
	t.Helper()
	results, left, err := c.evaluator.ForInput(c.compiler.CreateContext(t.Context()), versioned, request, cel.OptionalVariableBindings{}, &corev1.Namespace{}, celconfig.RuntimeCELCostBudget)
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range results {
		switch {
		case result.Error != nil:
			t.Fatalf("validation %d cannot be evaluated: %v", i, result.Error)
		case result.EvalResult.Value() != true:
			messages = append(messages, c.validations[i].Message)
		}
	}
	return messages, celconfig.RuntimeCELCostBudget - left
}
