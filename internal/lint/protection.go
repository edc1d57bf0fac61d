package lint

import (
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// setupItem is a decoded object of the setup and where it stands.
type setupItem struct {
	field  string
	object runtime.Object
}

// meta is the metadata of the object. Every built-in kind has it.
func (p setupItem) meta() metav1.Object { return p.object.(metav1.Object) }

func protects(labels map[string]string) bool { return labels[v1beta1.ProtectedLabel] == "true" }

// checkProtection looks whether what is protected is so in all of its parts, and whether checks believe anything else.
func (l *exerciseLinter) checkProtection(objects []setupItem, workloads []workload) {
	protected := map[string]bool{}
	for _, o := range objects {
		protected[kindName(o.object)+" "+o.meta().GetName()] = protects(o.meta().GetLabels())
	}
	for _, w := range workloads {
		owner := slices.IndexFunc(objects, func(o setupItem) bool { return o.field == w.field })
		if owner < 0 {
			continue
		}
		l.checkLabelsAgree(objects[owner], w)
		l.checkDependencies(objects[owner], w, protected)
		l.checkOpenContainers(objects[owner], w)
	}
	for _, o := range objects {
		if service, ok := o.object.(*corev1.Service); ok {
			l.checkService(o.field, service)
		}
	}
	for _, w := range workloads {
		l.checkEvidencePods(w)
	}
}

// checkLabelsAgree looks whether a workload, its pods and its selector are protected together.
func (l *exerciseLinter) checkLabelsAgree(o setupItem, w workload) {
	itself, pods := protects(o.meta().GetLabels()), protects(w.meta.Labels)
	selector, selects := selectorOf(o.object)
	switch {
	case itself && !pods:
		l.report(ruleHalf, w.field, "%s is protected and its pods are not: a learner can delete and enter them. Put the label %s into the template too", w.name, v1beta1.ProtectedLabel)
	case pods && !itself:
		l.report(ruleHalf, w.field, "the pods of %s are protected and %s is not: a learner can change what they run. Put the label %s on it too", w.name, w.name, v1beta1.ProtectedLabel)
	case itself && selects && !protects(selector):
		l.report(ruleHalf, w.field, "%s is protected and its selector is not: it would adopt a learner's pod. Put the label %s into the selector too", w.name, v1beta1.ProtectedLabel)
	}
}

// selectorOf is what the pods of a workload are found by. Jobs find theirs by a UID.
func selectorOf(object runtime.Object) (labels map[string]string, ok bool) {
	var selector *metav1.LabelSelector
	switch o := object.(type) {
	case *appsv1.Deployment:
		selector = o.Spec.Selector
	case *appsv1.ReplicaSet:
		selector = o.Spec.Selector
	case *appsv1.StatefulSet:
		selector = o.Spec.Selector
	case *appsv1.DaemonSet:
		selector = o.Spec.Selector
	}
	if selector == nil {
		return nil, false
	}
	return selector.MatchLabels, true
}

// checkDependencies looks whether protected pods depend on what a learner can change, and other pods on claims that they do not
// get.
func (l *exerciseLinter) checkDependencies(o setupItem, w workload, protected map[string]bool) {
	isProtected := protects(w.meta.Labels)
	for _, used := range usedBy(w.spec) {
		switch is, known := protected[used]; {
		case isProtected && known && !is:
			l.report(ruleHalf, w.field, "%s is protected and uses the %s, which a learner can change: protect it as well", w.name, used)
		case isProtected && !known:
			l.report(ruleHalf, w.field, "%s is protected and uses the %s, which the setup does not have: a learner could make it", w.name, used)
		case !isProtected && is && strings.HasPrefix(used, "PersistentVolumeClaim "):
			l.report(ruleHalf, w.field, "the lab refuses the pods of %s: the %s is protected, and only pods with the label %s mount it", w.name, used, v1beta1.ProtectedLabel)
		}
	}
	if set, ok := o.object.(*appsv1.StatefulSet); ok && !isProtected {
		for _, claim := range set.Spec.VolumeClaimTemplates {
			if protects(claim.Labels) {
				l.report(ruleHalf, w.field, "the lab refuses the pods of %s: its claims %s are protected, and only pods with the label %s mount them", w.name, claim.Name, v1beta1.ProtectedLabel)
			}
		}
	}
}

// usedBy are the kinds and names of what a pod reads and mounts, each once. What is optional is so, too: the pod reads it as
// soon as a learner makes it.
func usedBy(spec *corev1.PodSpec) []string {
	var used []string
	add := func(kind, name string) {
		if entry := kind + " " + name; name != "" && !slices.Contains(used, entry) {
			used = append(used, entry)
		}
	}
	for _, v := range spec.Volumes {
		switch {
		case v.ConfigMap != nil:
			add("ConfigMap", v.ConfigMap.Name)
		case v.Secret != nil:
			add("Secret", v.Secret.SecretName)
		case v.PersistentVolumeClaim != nil:
			add("PersistentVolumeClaim", v.PersistentVolumeClaim.ClaimName)
		case v.Projected != nil:
			for _, source := range v.Projected.Sources {
				if source.ConfigMap != nil {
					add("ConfigMap", source.ConfigMap.Name)
				}
				if source.Secret != nil {
					add("Secret", source.Secret.Name)
				}
			}
		}
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, from := range c.EnvFrom {
			if from.ConfigMapRef != nil {
				add("ConfigMap", from.ConfigMapRef.Name)
			}
			if from.SecretRef != nil {
				add("Secret", from.SecretRef.Name)
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom != nil && env.ValueFrom.ConfigMapKeyRef != nil {
				add("ConfigMap", env.ValueFrom.ConfigMapKeyRef.Name)
			}
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				add("Secret", env.ValueFrom.SecretKeyRef.Name)
			}
		}
	}
	return used
}

// checkService looks whether a learner's pod can get behind a Service that is protected, or that evidence looks at.
func (l *exerciseLinter) checkService(field string, service *corev1.Service) {
	isProtected, asked := protects(service.Labels), l.evidenceAt(service.Name, "")
	switch {
	case isProtected && len(service.Spec.Selector) > 0 && !protects(service.Spec.Selector):
		l.report(ruleLearners, field, "Service %s is protected and selects pods without the label %s: a learner's own pod can get behind it", service.Name, v1beta1.ProtectedLabel)
	case !isProtected && asked != "":
		l.report(ruleLearners, field, "the evidence %s looks at Service %s, which is not protected: a learner can lead it to another pod", asked, service.Name)
	}
}

// checkEvidencePods looks whether evidence names pods of a workload that is not protected.
func (l *exerciseLinter) checkEvidencePods(w workload) {
	if asked := l.evidenceAt("", w.name); asked != "" && !protects(w.meta.Labels) {
		l.report(ruleLearners, w.field, "the evidence %s looks at a pod of %s, which is not protected: a learner can put another pod in its place", asked, w.name)
	}
}

// evidenceAt names the first evidence that looks at a Service, or at a pod of a workload, and is empty where none does.
func (l *exerciseLinter) evidenceAt(service, workload string) string {
	for _, e := range l.spec.Evidence {
		if e.Probe == nil || e.Probe.Target == nil {
			continue
		}
		at := e.Probe.Target
		if service != "" && at.Service == service || workload != "" && (at.Pod == workload || strings.HasPrefix(at.Pod, workload+"-")) {
			return e.Name
		}
	}
	return ""
}

// kindName is the kind of a built-in object, as in ConfigMap.
func kindName(object runtime.Object) string {
	name := fmt.Sprintf("%T", object)
	return name[strings.LastIndex(name, ".")+1:]
}
