package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/text"
)

// Scoper tells the scope of kinds. An error that meta.IsNoMatchError recognizes means an unknown kind.
type Scoper interface {
	// IsNamespaced tells whether objects of the kind live in a namespace.
	IsNamespaced(gk schema.GroupKind, version string) (bool, error)
}

// reservedPrefix begins the labels and annotations that are the operator's.
const reservedPrefix = "learning.lab-operator.dev/"

// setupItem is one object of a setup.
type setupItem struct {
	field  string
	object *unstructured.Unstructured
}

// SetupProblems finds what is not allowed in the setup of an exercise: what reaches out of the lab's namespace, loosens
// its guardrails or keeps it from being deleted. An error means that the scope of a kind could not be looked up:
// nobody's mistake, to be tried again.
func SetupProblems(spec *v1beta1.ExerciseSpec, scope Scoper) ([]check.Problem, error) {
	items, problems := parseSetup(spec)
	for _, item := range items {
		found := item.shapeProblems()
		problems = append(problems, found...)
		if len(found) > 0 {
			continue
		}
		scoped, err := item.scopeProblems(scope)
		if err != nil {
			return nil, err
		}
		problems = append(problems, scoped...)
	}
	return append(problems, duplicates(items)...), nil
}

// parseSetup reads the objects. What cannot be read is a problem and no item.
func parseSetup(spec *v1beta1.ExerciseSpec) (items []setupItem, problems []check.Problem) {
	for i, raw := range spec.Setup {
		field := fmt.Sprintf("spec.setup[%d]", i)
		object := &unstructured.Unstructured{}
		data, err := json.Marshal(raw)
		if err == nil {
			err = json.Unmarshal(data, &object.Object)
		}
		if err == nil && object.Object == nil {
			err = fmt.Errorf("it is empty")
		}
		if err != nil {
			problems = append(problems, check.Problem{Field: field, Message: fmt.Sprintf("is no object: %v", err)})
			continue
		}
		items = append(items, setupItem{field: field, object: object})
	}
	return items, problems
}

// shapeProblems are those that need no cluster to be seen.
func (s setupItem) shapeProblems() []check.Problem {
	var problems []check.Problem
	add := func(at, format string, args ...any) {
		problems = append(problems, check.Problem{Field: s.field + at, Message: fmt.Sprintf(format, args...)})
	}
	if message := s.identity(); message != "" {
		add("", "%s", message)
		return problems
	}
	if message := forbiddenKind(s.object.GroupVersionKind().GroupKind()); message != "" {
		add("", "%s", message)
	}
	metadata, _ := s.object.Object["metadata"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(forbiddenMetadata)) {
		if value, ok := metadata[key]; ok && value != nil {
			add(".metadata."+key, "%s", forbiddenMetadata[key])
		}
	}
	if _, ok := s.object.Object["status"]; ok {
		add(".status", "leave status out: the cluster writes it")
	}
	for key, value := range s.object.GetLabels() {
		if strings.HasPrefix(key, reservedPrefix) && (key != v1beta1.ProtectedLabel || value != "true") {
			add(".metadata.labels", "the label %s is the operator's: only %s=true can be set", key, v1beta1.ProtectedLabel)
		}
	}
	for key := range s.object.GetAnnotations() {
		if strings.HasPrefix(key, reservedPrefix) && !s.opens(key) {
			add(".metadata.annotations", "the annotation %s is the operator's: leave it out", key)
		}
	}
	if s.isToken() {
		add(".type", "a Secret of the type kubernetes.io/service-account-token hands out a token that never expires: leave it out")
	}
	slices.SortFunc(problems, func(a, b check.Problem) int { return strings.Compare(a.String(), b.String()) })
	return problems
}

// opens tells whether an annotation opens a part of a Pod to learners. Workloads have it in their template.
func (s setupItem) opens(annotation string) bool {
	isPod := s.object.GroupVersionKind().GroupKind() == schema.GroupKind{Kind: "Pod"}
	return isPod && (annotation == v1beta1.OpenContainersAnnotation || annotation == v1beta1.OpenPortsAnnotation)
}

// identity says what keeps an object from being named at all.
func (s setupItem) identity() string {
	gvk := s.object.GroupVersionKind()
	metadata, ok := s.object.Object["metadata"].(map[string]any)
	name, isText := metadata["name"].(string)
	switch {
	case gvk.Kind == "" || gvk.Version == "":
		return "has no apiVersion or no kind: write both, as in apps/v1 and Deployment"
	case s.object.IsList():
		return fmt.Sprintf("is a %s: list its items one by one", gvk.Kind)
	case !ok || !isText || name == "":
		return "has no metadata.name: give it one, and no generateName"
	case strings.ContainsAny(name, "/%") || len(name) > utilvalidation.DNS1123SubdomainMaxLength:
		return fmt.Sprintf("%q is no name of an object", text.OneLine(name, 64))
	case malformed(metadata, "labels") || malformed(metadata, "annotations"):
		return "has labels or annotations that are not texts: quote their values"
	}
	return ""
}

// malformed tells whether a map of texts is something else, so that reading it would show nothing of it.
func malformed(metadata map[string]any, key string) bool {
	value, ok := metadata[key]
	if !ok || value == nil {
		return false
	}
	entries, ok := value.(map[string]any)
	if !ok {
		return true
	}
	for _, entry := range entries {
		if _, ok := entry.(string); !ok {
			return true
		}
	}
	return false
}

func (s setupItem) isToken() bool {
	secret := s.object.GroupVersionKind().GroupKind() == schema.GroupKind{Kind: "Secret"}
	return secret && s.object.Object["type"] == "kubernetes.io/service-account-token"
}

// forbiddenMetadata maps fields that an author must not set to what to do.
var forbiddenMetadata = map[string]string{
	"namespace":                  "name no namespace: the object goes into the lab's",
	"ownerReferences":            "leave ownerReferences out: the lab owns its objects",
	"finalizers":                 "leave finalizers out: they would keep the lab from being deleted",
	"generateName":               "give the object a name instead of generateName: it is applied again and again",
	"managedFields":              "leave managedFields out: the cluster writes them",
	"resourceVersion":            "leave resourceVersion out: the cluster writes it",
	"uid":                        "leave uid out: the cluster writes it",
	"deletionTimestamp":          "leave deletionTimestamp out: the cluster writes it",
	"deletionGracePeriodSeconds": "leave deletionGracePeriodSeconds out: the cluster writes it",
}

// forbiddenKind says why objects of a kind have no place in any setup.
func forbiddenKind(gk schema.GroupKind) string {
	switch {
	case gk.Group == "rbac.authorization.k8s.io":
		return fmt.Sprintf("%s is not accepted in a setup: the operator gives learners their rights", gk.Kind)
	case gk.Group == "admissionregistration.k8s.io":
		return fmt.Sprintf("%s is not accepted in a setup: admission concerns the whole cluster", gk.Kind)
	case gk.Group == v1beta1.GroupVersion.Group:
		return fmt.Sprintf("%s is not accepted in a setup: a lab cannot start another", gk.Kind)
	case gk.Group == "" && slices.Contains([]string{"Namespace", "ResourceQuota", "LimitRange"}, gk.Kind):
		return fmt.Sprintf("%s is not accepted in a setup: it is the operator's guardrail; size it by spec.quota", gk.Kind)
	}
	return ""
}

// scopeProblems ask the cluster about the kind. A namespace in the metadata of a cluster-scoped object stops nothing, so
// only the scope of the kind tells whether an object stays in the lab.
func (s setupItem) scopeProblems(scope Scoper) ([]check.Problem, error) {
	gvk := s.object.GroupVersionKind()
	namespaced, err := scope.IsNamespaced(gvk.GroupKind(), gvk.Version)
	switch {
	case meta.IsNoMatchError(err):
		return []check.Problem{{Field: s.field, Message: fmt.Sprintf(
			"the cluster does not have the kind %s of %s: correct apiVersion and kind, or name the API under spec.requires", gvk.Kind, gvk.GroupVersion())}}, nil
	case err != nil:
		return nil, fmt.Errorf("looking up the scope of %s: %w", gvk, err)
	case !namespaced:
		return []check.Problem{{Field: s.field, Message: fmt.Sprintf(
			"%s %s would be an object of the whole cluster: a setup has objects of the lab's namespace only", gvk.Kind, s.object.GetName())}}, nil
	}
	return nil, nil
}

// duplicates finds objects that would overwrite an earlier one. Versions of one kind are the same objects.
func duplicates(items []setupItem) []check.Problem {
	type identity struct {
		kind schema.GroupKind
		name string
	}
	var problems []check.Problem
	first := map[identity]string{}
	for _, item := range items {
		id := identity{kind: item.object.GroupVersionKind().GroupKind(), name: item.object.GetName()}
		if id.name == "" || id.kind.Kind == "" {
			continue
		}
		if at, ok := first[id]; ok {
			problems = append(problems, check.Problem{Field: item.field, Message: fmt.Sprintf(
				"%s %s stands at %s already: an object can be there once", id.kind.Kind, id.name, at)})
			continue
		}
		first[id] = item.field
	}
	return problems
}
