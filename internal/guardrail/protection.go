package guardrail

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// protection are the annotations of a lab's namespace that tell the admission policies what of a setup is protected.
// The policies decide by names where a request shows no labels. A kind without entries gets no annotation.
func protection(setup []*unstructured.Unstructured) map[string]string {
	names := map[string][]string{}
	add := func(annotation, entry string) {
		if !slices.Contains(names[annotation], entry) {
			names[annotation] = append(names[annotation], entry)
		}
	}
	for _, object := range setup {
		if object.GroupVersionKind().GroupKind() == corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim").GroupKind() && IsProtected(object) {
			add(v1beta1.ProtectedClaimsAnnotation, object.GetName())
		}
		template, ok := templateOf(object)
		if !ok {
			continue
		}
		protected := IsProtected(object) || IsProtected(template)
		for _, claim := range claimsOf(object, template, protected) {
			add(v1beta1.ProtectedClaimsAnnotation, claim)
		}
		if !protected {
			continue
		}
		pods := podsOf(object)
		add(v1beta1.ProtectedPodsAnnotation, pods)
		annotations := template.GetAnnotations()
		for container := range strings.SplitSeq(annotations[v1beta1.OpenContainersAnnotation], ",") {
			if container = strings.TrimSpace(container); container != "" {
				add(v1beta1.OpenContainersAnnotation, pods+"/"+container)
			}
		}
		if annotations[v1beta1.OpenPortsAnnotation] == "true" {
			add(v1beta1.OpenPortsAnnotation, pods)
		}
	}
	annotations := make(map[string]string, len(names))
	for annotation, entries := range names {
		annotations[annotation] = strings.Join(entries, ",")
	}
	return annotations
}

// IsProtected tells whether an object belongs to the lab itself: a learner can neither change nor delete it.
func IsProtected(object *unstructured.Unstructured) bool {
	return object.GetLabels()[v1beta1.ProtectedLabel] == "true"
}

// isPod tells a Pod from what makes pods.
func isPod(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().GroupKind() == corev1.SchemeGroupVersion.WithKind("Pod").GroupKind()
}

// templateOf is what the pods of an object are made from, whatever its kind. A Pod is its own template.
func templateOf(object *unstructured.Unstructured) (template *unstructured.Unstructured, ok bool) {
	if isPod(object) {
		return object, true
	}
	for _, path := range [][]string{{"spec", "template"}, {"spec", "jobTemplate", "spec", "template"}} {
		if content, found, err := unstructured.NestedMap(object.Object, path...); found && err == nil {
			return &unstructured.Unstructured{Object: content}, true
		}
	}
	return nil, false
}

// podsOf is the entry for the pods of an object: its own name, or how controllers begin the names of pods.
func podsOf(object *unstructured.Unstructured) string {
	if isPod(object) {
		return object.GetName()
	}
	return object.GetName() + "-"
}

// claimsOf are the entries for the claims that controllers make for a workload, where they are protected: by the label of
// the claim, or with the workload.
func claimsOf(object, template *unstructured.Unstructured, protected bool) []string {
	var entries []string
	// A StatefulSet names a claim after its template, itself and the number of the pod.
	for _, claim := range elements(object.Object, "spec", "volumeClaimTemplates") {
		if protected || IsProtected(claim) {
			entries = append(entries, claim.GetName()+"-"+object.GetName()+"-")
		}
	}
	// The claim of an ephemeral volume is named after the pod and the volume.
	for _, volume := range elements(template.Object, "spec", "volumes") {
		claim, found, err := unstructured.NestedMap(volume.Object, "ephemeral", "volumeClaimTemplate")
		if !found || err != nil || !protected && !IsProtected(&unstructured.Unstructured{Object: claim}) {
			continue
		}
		if isPod(object) {
			name, _, _ := unstructured.NestedString(volume.Object, "name")
			entries = append(entries, object.GetName()+"-"+name)
			continue
		}
		entries = append(entries, podsOf(object))
	}
	return entries
}

// elements are the maps in a list. What is none is left out: the API server refuses it.
func elements(content map[string]any, path ...string) []*unstructured.Unstructured {
	list, _, _ := unstructured.NestedSlice(content, path...)
	var found []*unstructured.Unstructured
	for _, item := range list {
		if content, ok := item.(map[string]any); ok {
			found = append(found, &unstructured.Unstructured{Object: content})
		}
	}
	return found
}
