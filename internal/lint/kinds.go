package lint

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/kube"
)

// checkKinds looks at the kinds that the evidence and the setup name.
func (l *exerciseLinter) checkKinds() {
	var noted []schema.GroupVersionKind
	note := func(field string, gvk schema.GroupVersionKind) {
		if slices.Contains(noted, gvk) {
			return
		}
		noted = append(noted, gvk)
		l.notes = append(l.notes, l.exercise.finding("", field, "%s of %s is not built in: its fields and its scope are not looked at here",
			gvk.Kind, gvk.GroupVersion()))
	}
	for i, e := range l.spec.Evidence {
		field, gvk := fmt.Sprintf("spec.evidence[%d]", i), e.GroupVersionKind()
		if kind, ok := builtins()[gvk]; ok {
			l.checkReadAccess(field, gvk, kind)
			continue
		}
		switch {
		case gvk.Empty():
		case isBuiltinGroup(gvk.Group):
			l.report(ruleKind, field, "%s", unknownKind(gvk))
		case !kube.IsSharedKind(gvk.GroupKind()):
			note(field, gvk)
		}
	}
	for i := range l.spec.Setup {
		field := fmt.Sprintf("spec.setup[%d]", i)
		object := setupObject(l.exercise.object, field)
		if object == nil {
			continue
		}
		gvk := object.GroupVersionKind()
		kind, ok := builtins()[gvk]
		switch {
		case !ok && !isBuiltinGroup(gvk.Group) && gvk.Kind != "":
			note(field, gvk)
		case ok && kind.namespaced && !allows(l.rights.setup, "create", schema.GroupResource{Group: gvk.Group, Resource: kind.resource}):
			l.report(ruleRights, field, "the deployer may not create %s: leave it to the learner, or give the role in config/rbac/deployer.yaml the right", kind.resource)
		}
	}
}

// checkReadAccess looks whether the operator may look at evidence of a built-in kind.
func (l *exerciseLinter) checkReadAccess(field string, gvk schema.GroupVersionKind, kind builtin) {
	switch {
	case !kind.namespaced && !kube.IsSharedKind(gvk.GroupKind()):
		l.report(ruleRights, field, "%s is no kind of a namespace: labs see Nodes and StorageClasses, and what is in their own namespace", gvk.Kind)
	case gvk.GroupKind() == schema.GroupKind{Kind: "Secret"}:
		l.report(ruleRights, field, "the operator may not look at Secrets: judge by what uses it, or by helm for a release")
	case !allows(l.rights.evidence, "watch", schema.GroupResource{Group: gvk.Group, Resource: kind.resource}):
		l.report(ruleRights, field, "the operator may not look at %s: add a ClusterRole with the label %s to config/rbac", kind.resource, evidenceLabel)
	}
}

// setupObject is the object of a setup at a field such as spec.setup[1]. It is nil where there is none.
func setupObject(exercise *v1beta1.Exercise, field string) *unstructured.Unstructured {
	var i int
	if _, err := fmt.Sscanf(field, "spec.setup[%d]", &i); err != nil || i < 0 || i >= len(exercise.Spec.Setup) {
		return nil
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(exercise.Spec.Setup[i].Raw); err != nil {
		return nil
	}
	return object
}
