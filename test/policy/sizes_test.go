package policy

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	celgo "github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
)

const (
	// manyEntries is more than any list of a learner's object needs.
	manyEntries = 1_000
	// floodOfEntries is what a request of ordinary size can hold.
	floodOfEntries = 14_000
	// longText is longer than what any text of a learner's object needs.
	longText = 300 << 10
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
	results, left, err := c.evaluator.ForInput(c.compiler.CreateContext(t.Context()), versioned, request, cel.OptionalVariableBindings{}, nil, celconfig.RuntimeCELCostBudget)
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

// writable is one kind that learners create.
type writable struct {
	resource schema.GroupVersionResource
	kind     schema.GroupVersionKind
	goType   reflect.Type
}

// learnersKinds are all that the role of learners lets them create, in each version that the API has.
func learnersKinds(t *testing.T) []writable {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var all []writable
	for _, rule := range ofKind[rbacv1.ClusterRole](t, manifests(t, configDir+"/rbac"), "ClusterRole")["lab-operator-learner"].Rules {
		if !slices.Contains(rule.Verbs, "create") {
			continue
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				if !strings.Contains(resource, "/") {
					all = append(all, kindsOf(t, scheme, schema.GroupResource{Group: group, Resource: resource})...)
				}
			}
		}
	}
	return all
}

func kindsOf(t *testing.T, scheme *runtime.Scheme, resource schema.GroupResource) []writable {
	t.Helper()
	var found []writable
	for kind, goType := range scheme.AllKnownTypes() {
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		if plural.GroupResource() == resource && !strings.Contains(kind.Version, "beta") {
			found = append(found, writable{plural, kind, goType})
		}
	}
	if len(found) == 0 {
		t.Errorf("learners create %s, of which no type is known: its lists cannot be looked at", resource)
	}
	return found
}

// path leads to one list, map or text of an object.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// fields are all paths of a type to what can be long: lists and maps, or texts.
func fields(of reflect.Type, at path, texts bool) []path {
	next := func(name string) path { return append(slices.Clone(at), name) }
	switch of {
	case reflect.TypeFor[resource.Quantity](), reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.FieldsV1]():
		return nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		return fields(of.Elem(), at, texts)
	case reflect.String:
		if texts {
			return []path{at}
		}
	case reflect.Slice:
		inner := fields(of.Elem(), next("[]"), texts)
		if texts || of.Elem().Kind() == reflect.Uint8 {
			return inner
		}
		return append(inner, at)
	case reflect.Map:
		if texts {
			return fields(of.Elem(), next("{}"), texts)
		}
		return append(fields(of.Elem(), next("{}"), texts), at)
	case reflect.Struct:
		var all []path
		for _, field := range reflect.VisibleFields(of) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			// Learners do not write the status.
			if len(field.Index) > 1 || name == "-" || len(at) == 0 && name == "status" || field.Type == reflect.TypeFor[metav1.TypeMeta]() {
				continue
			}
			if name == "" {
				all = append(all, fields(field.Type, at, texts)...)
				continue
			}
			all = append(all, fields(field.Type, next(name), texts)...)
		}
		return all
	}
	return nil
}

// nested is a value in which only one path leads anywhere, to leaf.
func nested(at path, leaf any) any {
	if len(at) == 0 {
		return leaf
	}
	inner := nested(at[1:], leaf)
	switch at[0] {
	case "[]":
		return []any{inner}
	case "{}":
		return map[string]any{"a": inner}
	default:
		return map[string]any{at[0]: inner}
	}
}

// leafType is the type that a path leads to.
func leafType(of reflect.Type, at path) reflect.Type {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if len(at) == 0 {
		return of
	}
	if at[0] == "[]" || at[0] == "{}" {
		return leafType(of.Elem(), at[1:])
	}
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == at[0] {
			return leafType(field.Type, at[1:])
		}
	}
	panic("there is no " + at.String())
}

// entries are many equal entries of a list or map, each as empty as it can be.
func entries(of reflect.Type, n int) any {
	var empty any
	switch elem := of.Elem(); elem.Kind() {
	case reflect.Struct:
		empty = map[string]any{}
	case reflect.Slice:
		empty = []any{}
	case reflect.Int32, reflect.Int64:
		empty = int64(1)
	default:
		empty = ""
	}
	if of.Kind() == reflect.Map {
		all := make(map[string]any, n)
		for i := range n {
			all[fmt.Sprint("k", i)] = empty
		}
		return all
	}
	return slices.Repeat([]any{empty}, n)
}

// with is an object of a kind with one value at a path.
func (w writable) with(at path, leaf any) map[string]any {
	object, _ := nested(at, leaf).(map[string]any)
	if object["metadata"] == nil {
		object["metadata"] = map[string]any{}
	}
	if object["spec"] == nil {
		object["spec"] = map[string]any{}
	}
	object["apiVersion"], object["kind"] = w.kind.GroupVersion().String(), w.kind.Kind
	return object
}

// refusedWhole are parts of an object that a lab refuses however small they are.
func refusedWhole(at path) bool {
	allowed := []string{"name", "configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
	if i := slices.Index(at, "volumes"); i >= 0 && len(at) > i+2 && !slices.Contains(allowed, at[i+2]) {
		return true
	}
	if i := slices.Index(at, "volumeClaimTemplates"); i >= 0 && at[i+2] == "status" {
		return true
	}
	i := slices.Index(at, "sources")
	return i >= 0 && len(at) > i+2 && !slices.Contains([]string{"configMap", "secret", "downwardAPI", "serviceAccountToken"}, at[i+2])
}

// TestEveryListIsBounded fills every list and map of every kind that learners create, one at a time. What is missing in
// config/policy/sizes.yaml, or comes with a later version of Kubernetes, is found here.
func TestEveryListIsBounded(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	looked := 0
	for _, kind := range learnersKinds(t) {
		for _, at := range fields(kind.goType, nil, false) {
			looked++
			of := leafType(kind.goType, at)
			messages, _ := policy.refusals(t, kind.resource, kind.with(at, entries(of, manyEntries)))
			if len(messages) == 0 {
				t.Errorf("%s: %s may have %d entries", kind.resource.Resource, at, manyEntries)
			}
			if messages, _ = policy.refusals(t, kind.resource, kind.with(at, entries(of, 1))); len(messages) > 0 && !refusedWhole(at) {
				t.Errorf("%s: %s may not even have one entry: %v", kind.resource.Resource, at, messages)
			}
		}
	}
	if looked < 500 {
		t.Errorf("only %d lists and maps were found", looked)
	}
}

// TestAFloodIsRefusedCheaply is about objects with as many entries as a request can hold: to refuse them must cost little.
func TestAFloodIsRefusedCheaply(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	for _, kind := range learnersKinds(t) {
		if kind.kind.Kind != "Deployment" {
			continue
		}
		for _, at := range fields(kind.goType, nil, false) {
			messages, cost := policy.refusals(t, kind.resource, kind.with(at, entries(leafType(kind.goType, at), floodOfEntries)))
			if len(messages) == 0 || cost > celconfig.RuntimeCELCostBudget/4 {
				t.Errorf("%s: it costs %d to refuse %d entries with %v", at, cost, floodOfEntries, messages)
			}
		}
	}
}

// TestEveryTextIsBounded makes long, one at a time, the texts of a pod that the API server itself does not bound. All others
// are names, labels or words of a fixed set.
func TestEveryTextIsBounded(t *testing.T) {
	policy := compilePolicy(t, "lab-operator-sizes")
	unbounded := regexp.MustCompile(strings.Join([]string{
		`\.(command|args)\.\[\]$`, `ontainers\.\[\]\.(image|workingDir|terminationMessagePath)$`, `\.env\.\[\]\.(name|value)$`,
		`\.envFrom\.\[\]\.prefix$`, `\.httpHeaders\.\[\]\.(name|value)$`, `\.httpGet\.(path|host)$`, `\.tcpSocket\.host$`, `\.grpc\.service$`,
		`\.volumeMounts\.\[\]\.(mountPath|subPath|subPathExpr)$`, `\.seLinuxOptions\.`, `\.schedulerName$`, `imagePullSecrets\.\[\]\.name$`,
		`\.dnsConfig\.options\.`, `\.items\.\[\]\.(key|path)$`, `\.serviceAccountToken\.`, `\.(configMap|secret)\.(name|secretName)$`, `\.claimName$`,
		`^secrets\.`, `metadata\.annotations\.`, `^(data|binaryData|stringData)\.`,
	}, "|"))
	found := map[string]bool{}
	for _, kind := range learnersKinds(t) {
		for _, at := range fields(kind.goType, nil, true) {
			where := unbounded.FindString(at.String())
			if where == "" || refusedWhole(at) {
				continue
			}
			found[where] = true
			if messages, _ := policy.refusals(t, kind.resource, kind.with(at, strings.Repeat("x", longText))); len(messages) == 0 {
				t.Errorf("%s: %s may have %d characters", kind.resource.Resource, at, longText)
			}
			if messages, _ := policy.refusals(t, kind.resource, kind.with(at, "x")); len(messages) > 0 {
				t.Errorf("%s: %s may not even have one character: %v", kind.resource.Resource, at, messages)
			}
		}
	}
	if len(found) < 30 {
		t.Errorf("only %d sorts of texts were found: %v", len(found), found)
	}
}
